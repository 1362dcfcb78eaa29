import { useIntl } from "react-intl";

import { useCommandMutation, useCommandQuery } from "../../ipc/query";
import { Sheet } from "../../shared/Sheet";
import { Receipt } from "../settings/Receipt";

/** Shows the receipt of a removal that was interrupted and finished at a later start. */
export function ResumedReceipts() {
  const intl = useIntl();
  const receipts = useCommandQuery("removal_receipts", {}).data ?? [];
  const seen = useCommandMutation("removal_seen");
  const receipt = receipts.find(({ was_resumed }) => was_resumed);
  if (receipt === undefined) {
    return null;
  }
  const { address } = receipt;
  const close = () => seen.mutate({ address });
  return (
    <Sheet title={intl.formatMessage({ id: "settings.remove.done" }, { address })} onClose={close}>
      <Receipt receipt={receipt} onClose={close} />
    </Sheet>
  );
}
