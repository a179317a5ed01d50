// What a client must not get past the compiler; the test looks for each field's name.
import type { LogPosition, Payloads } from "../../../contracts/typescript/messages.js";

export const mistyped: Payloads["sagaline.RetryCampaign"] = {
  failed_sequence: "1",
};

export const unknownSymbol: Payloads["sagaline.RollbackPublication"] = {
  channel: "carrier_pigeon",
};

export const incomplete: Payloads["sagaline.WorkflowCancelled"] = {
  reason: "changed our minds",
};

export const surplus: Payloads["sagaline.CancelCampaign"] = {
  reason: "",
  surprise: 1,
};

export const notEmpty: Payloads["sagaline.StartCampaign"] = {
  forged: true,
};

export const unknownMessage: keyof Payloads = "sagaline.NoSuchMessage";

export function parentOf(position: LogPosition): string {
  return position.parent_campaign_id;
}
