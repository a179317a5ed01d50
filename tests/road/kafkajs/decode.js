// Decodes framed Avro values with a client that nobody here wrote. It knows no message of ours.
// Argument: the registry's address. In: one value per line in base64. Out: one JSON object per line.
import { createInterface } from "node:readline";
import { SchemaRegistry } from "@kafkajs/confluent-schema-registry";

const registry = new SchemaRegistry({ host: process.argv[2] });

function plain(_, value) {
  return value?.type === "Buffer" ? Buffer.from(value.data).toString("base64") : value;
}

for await (const line of createInterface({ input: process.stdin })) {
  const value = await registry.decode(Buffer.from(line, "base64"));
  process.stdout.write(`${JSON.stringify(value, plain)}\n`);
}
