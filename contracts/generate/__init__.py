"""What is generated from the models: Avro schemas, TypeScript and pages. It knows no Kafka."""
