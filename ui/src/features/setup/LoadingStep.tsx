import { FormattedMessage, useIntl } from "react-intl";
import type { IntlShape } from "react-intl";

import { Button } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { size as formatBytes } from "../../shared/quantity";
import { figures } from "./load";
import type { LoadFigures } from "./load";
import { addressOf, isOpenable } from "./state";
import type { State } from "./state";
import { StepFoot, StepHead } from "./parts";
import styles from "./LoadingStep.module.css";
import parts from "./parts.module.css";
import type { Send } from "./useWizard";

/** The first load, with what it has done and what is left. */
export function LoadingStep({ state, send }: { state: State; send: Send }) {
  const intl = useIntl();
  const { load, readied, kept, end } = state.load;
  const facts = figures(load);
  const done = end === "done";
  return (
    <div className={parts.step}>
      <StepHead title={<FormattedMessage id={done ? "setup.loading.doneTitle" : "setup.loading.title"} />}>
        <FormattedMessage
          id={done ? "setup.loading.doneLead" : "setup.loading.lead"}
          values={{ address: addressOf(state) }}
        />
      </StepHead>
      {typeof end === "object" &&
        (end.error.code === "cancelled" ? (
          <p className={parts.verdict}>
            <FormattedMessage id="setup.loading.stopped" />
          </p>
        ) : (
          <ErrorNotice error={end.error} />
        ))}
      <section className={parts.card}>
        <Bar facts={facts} done={done} running={end === "running"} />
        <dl className={styles.figures}>
          {lines(intl, facts, kept, end === "running").map(([id, value]) => (
            <div key={id}>
              <dt>
                <FormattedMessage id={id} />
              </dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </section>
      <output className={styles.readied}>
        {readied !== null && <FormattedMessage id="setup.loading.readied" values={{ count: readied }} />}
      </output>
      <StepFoot step={7}>
        <Button
          look="primary"
          disabled={!isOpenable(state.load)}
          onClick={() => send({ type: "inbox_wanted" })}
        >
          <FormattedMessage id="setup.loading.open" />
        </Button>
        {typeof end === "object" && (
          <Button onClick={() => send({ type: "load_wanted" })}>
            <FormattedMessage id={end.error.code === "cancelled" ? "setup.loading.goOn" : "setup.again"} />
          </Button>
        )}
        {end === "running" && (
          <Button onClick={() => send({ type: "load_cancelled" })}>
            <FormattedMessage id="setup.loading.stop" />
          </Button>
        )}
      </StepFoot>
    </div>
  );
}

function Bar({ facts, done, running }: { facts: LoadFigures; done: boolean; running: boolean }) {
  const intl = useIntl();
  const share = done ? 1 : facts.share;
  return (
    <progress
      aria-label={intl.formatMessage({ id: "setup.loading.bar" })}
      className={styles.bar}
      max={1}
      value={share ?? (running ? undefined : 0)}
    />
  );
}

type FigureKey =
  | "setup.loading.kept"
  | "setup.loading.messages"
  | "setup.loading.bytes"
  | "setup.loading.rate"
  | "setup.loading.left";

/** What is known, as label and value; what is not known is not said. */
function lines(intl: IntlShape, facts: LoadFigures, kept: number, running: boolean): [FigureKey, string][] {
  const of = (value: string, total: string) =>
    intl.formatMessage({ id: "setup.loading.of" }, { value, total });
  const number = (value: number) => intl.formatNumber(value);
  if (facts.messagesTotal === 0) {
    return kept > 0 ? [["setup.loading.kept", number(kept)]] : [];
  }
  const told: [FigureKey, string][] = [
    ["setup.loading.messages", of(number(facts.messages), number(facts.messagesTotal))],
    [
      "setup.loading.bytes",
      facts.bytesTotal > 0
        ? of(formatBytes(intl, facts.bytes), formatBytes(intl, Math.max(facts.bytes, facts.bytesTotal)))
        : formatBytes(intl, facts.bytes),
    ],
  ];
  if (!running) {
    return told;
  }
  if (facts.bytesPerSecond !== null) {
    const size = formatBytes(intl, facts.bytesPerSecond);
    told.push(["setup.loading.rate", intl.formatMessage({ id: "setup.loading.perSecond" }, { size })]);
  }
  if (facts.secondsLeft !== null) {
    const minutes = Math.round(facts.secondsLeft / 60);
    const text =
      facts.secondsLeft < 90
        ? intl.formatMessage({ id: "setup.loading.seconds" }, { count: facts.secondsLeft })
        : intl.formatMessage({ id: "setup.loading.minutes" }, { count: minutes });
    told.push(["setup.loading.left", text]);
  }
  return told;
}
