import { AddingStep } from "./AddingStep";
import { AddressStep } from "./AddressStep";
import { ChooseStep } from "./ChooseStep";
import { LoadingStep } from "./LoadingStep";
import type { State } from "./state";
import { ProofsStep } from "./ProofsStep";
import { ServersStep } from "./ServersStep";
import styles from "./setup.module.css";
import { SignInStep } from "./SignInStep";
import { useWizard } from "./useWizard";
import type { Outside, Send } from "./useWizard";

/** From the address to a readable inbox. `onDone` is told the connected address; without `onCancel` there is no way out. */
export function SetupWizard({ onDone, onCancel }: Outside) {
  const [state, send] = useWizard({ onDone, onCancel });
  return (
    <main className={styles.page}>
      <CurrentStep state={state} send={send} canLeave={onCancel !== undefined} />
    </main>
  );
}

function CurrentStep({ state, send, canLeave }: { state: State; send: Send; canLeave: boolean }) {
  const { step } = state;
  switch (step.kind) {
    case "address":
      return <AddressStep state={state} step={step} send={send} canLeave={canLeave} />;
    case "signin":
      return <SignInStep state={state} step={step} send={send} />;
    case "servers":
      return <ServersStep state={state} step={step} send={send} />;
    case "adding":
      return <AddingStep state={state} step={step} send={send} />;
    case "proofs":
      return <ProofsStep state={state} send={send} />;
    case "choose":
      return <ChooseStep state={state} step={step} send={send} />;
    case "loading":
      return <LoadingStep state={state} send={send} />;
  }
}
