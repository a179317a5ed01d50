// What a client may rely on: this file compiles against the generated types.
import {
  MESSAGES,
  type Base64,
  type EventEnvelope,
  type LogPosition,
  type Payloads,
  type ReviewDecision,
  type StepCall,
  type StepDone,
} from "../../../contracts/typescript/messages.js";

export const envelope: EventEnvelope = {
  id: "7f8b3c1e-2222-5333-8444-555566667777",
  type: "RetryCampaign",
  schema_version: MESSAGES["sagaline.RetryCampaign"].version,
  tenant_id: "7f8b3c1e-2222-5333-8444-555566667777",
  campaign_id: "7f8b3c1e-2222-5333-8444-555566667777",
  correlation_id: "7f8b3c1e-2222-5333-8444-555566667777",
  causation_id: "7f8b3c1e-2222-5333-8444-555566667777",
  execution_id: "7f8b3c1e-2222-5333-8444-555566667777",
  source: "console",
  actor: { kind: "person", id: "ada" },
  time: "2026-02-03T04:05:06.789012Z",
  traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
};

export const decision: Payloads["sagaline.DecideReview"] = {
  step: "review",
  decision: "EDIT" satisfies ReviewDecision,
  shown_digest: "0".repeat(64),
  reason: "",
  edited: "AP_-" satisfies Base64,
};

export const start: Payloads["sagaline.StartCampaign"] = {};

// A literal type: the topic and the owner are known to the compiler.
export const topic: "campaign.requests" = MESSAGES["sagaline.RetryCampaign"].topic;
export const owner: "edge" = MESSAGES["sagaline.RetryCampaign"].owner;

export function attempts(header: StepCall | StepDone | LogPosition): number {
  return "attempt" in header ? header.attempt : 0;
}

export function parentOf(position: LogPosition): string {
  return position.parent_campaign_id ?? "none";
}
