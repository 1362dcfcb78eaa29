import { Component } from "react";
import type { ReactNode } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { Host } from "../ipc/host";
import { useHost } from "../ipc/hostContext";
import { Blank } from "../shared/Blank";
import { Button } from "../shared/Button";
import styles from "./Frame.module.css";

/** Stands in for the screens when one of them breaks, and keeps a report of it. */
export class Breakdown extends Component<{ host: Host; children: ReactNode }, { isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError(): { isBroken: boolean } {
    return { isBroken: true };
  }

  override componentDidCatch(error: unknown): void {
    if (error instanceof Error) {
      void keep(this.props.host, error);
    }
  }

  override render(): ReactNode {
    return this.state.isBroken ? <Broken /> : this.props.children;
  }
}

async function keep(host: Host, { name, stack = "" }: Error): Promise<void> {
  try {
    await host.reportPageFailure({ name, stack });
  } catch {
    // Whoever could be told about it sees already that something broke.
  }
}

function Broken() {
  const intl = useIntl();
  const host = useHost();
  return (
    <main className={styles.whole}>
      <Blank title={intl.formatMessage({ id: "app.broken.title" })}>
        <p>
          <FormattedMessage id="app.broken.safe" />
        </p>
        {host.can.crashReports && (
          <p>
            <FormattedMessage id="app.broken.report" />
          </p>
        )}
        <Button onClick={() => window.location.reload()}>
          {intl.formatMessage({ id: "app.broken.again" })}
        </Button>
      </Blank>
    </main>
  );
}
