import type { AccountView } from "../../ipc/contract";
import { AddingStep } from "./AddingStep";
import { AddressStep } from "./AddressStep";
import { ApprovalStep } from "./ApprovalStep";
import { ChooseStep } from "./ChooseStep";
import { LoadingStep } from "./LoadingStep";
import { NotifyStep } from "./NotifyStep";
import type { State } from "./state";
import { ProofsStep } from "./ProofsStep";
import { ServersStep } from "./ServersStep";
import styles from "./SetupWizard.module.css";
import { SignatureStep } from "./SignatureStep";
import { SignInStep } from "./SignInStep";
import { useWizard } from "./useWizard";
import type { Outside, Send } from "./useWizard";

interface SetupWizardProps extends Outside {
  /** The mailboxes that are connected already; those whose setup was left half way are offered again. */
  accounts?: readonly AccountView[];
}

const NONE: readonly AccountView[] = [];

/** From the address to a readable inbox. `onDone` is told the connected address; without `onCancel` there is no way out. */
export function SetupWizard({ accounts = NONE, ...outside }: SetupWizardProps) {
  const [state, send] = useWizard(outside);
  return (
    <main className={styles.page}>
      <CurrentStep state={state} send={send} canLeave={outside.onCancel !== undefined} accounts={accounts} />
    </main>
  );
}

function CurrentStep({
  state,
  send,
  canLeave,
  accounts,
}: {
  state: State;
  send: Send;
  canLeave: boolean;
  accounts: readonly AccountView[];
}) {
  const { step } = state;
  switch (step.kind) {
    case "address":
      return <AddressStep state={state} step={step} send={send} canLeave={canLeave} accounts={accounts} />;
    case "signin":
      return <SignInStep state={state} step={step} send={send} />;
    case "servers":
      return <ServersStep state={state} step={step} send={send} />;
    case "adding":
      return <AddingStep state={state} step={step} send={send} />;
    case "approval":
      return <ApprovalStep state={state} step={step} send={send} />;
    case "proofs":
      return <ProofsStep state={state} send={send} />;
    case "choose":
      return <ChooseStep state={state} step={step} send={send} />;
    case "notify":
      return <NotifyStep state={state} step={step} send={send} />;
    case "signature":
      return <SignatureStep state={state} step={step} send={send} />;
    case "loading":
      return <LoadingStep state={state} send={send} />;
  }
}
