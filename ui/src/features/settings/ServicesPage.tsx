import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import { useDoor } from "../../ipc/context";
import type { DomainView, RegistrationView } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { useCommandMutation, useCommandQuery } from "../../ipc/query";
import { Ask } from "../../shared/Ask";
import { Button } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { Sheet } from "../../shared/Sheet";
import { hostAndPort } from "../setup/servers";
import { Card, Page, Row, Section } from "./parts";
import { RegistrationForm } from "./RegistrationForm";
import { serviceName } from "./services";
import styles from "./parts.module.css";
import { useUndoable } from "./useChange";

/** The person's own client ids, the domains that were learned, the senders whose pictures are shown. */
export function ServicesPage() {
  return (
    <Page
      title={<FormattedMessage id="settings.services" />}
      lead={<FormattedMessage id="settings.services.lead" />}
    >
      <Registrations />
      <Domains />
      <Senders />
    </Page>
  );
}

function Registrations() {
  const intl = useIntl();
  const list = useCommandQuery("registration_list", {});
  const remove = useCommandMutation("registration_remove");
  const [open, setOpen] = useState<RegistrationView | "new" | null>(null);
  const [asked, setAsked] = useState<RegistrationView | null>(null);
  return (
    <Section
      title={<FormattedMessage id="settings.registrations" />}
      hint={<FormattedMessage id="settings.registrations.help" />}
    >
      {list.error !== null && <ErrorNotice error={wireOf(list.error)} />}
      {remove.error !== null && <ErrorNotice error={wireOf(remove.error)} />}
      <Card>
        {list.data?.map((registration) => (
          <Row
            key={registration.id}
            label={registration.label}
            hint={
              <>
                {serviceName(registration.service)} · {registration.client_id}
                <br />
                {registration.accounts.length === 0 ? (
                  <FormattedMessage id="settings.registration.unused" />
                ) : (
                  <FormattedMessage
                    id="settings.registration.usedBy"
                    values={{ accounts: intl.formatList(registration.accounts) }}
                  />
                )}
              </>
            }
          >
            <Button
              aria-label={intl.formatMessage(
                { id: "settings.registration.editOf" },
                { name: registration.label },
              )}
              onClick={() => setOpen(registration)}
            >
              <FormattedMessage id="settings.edit" />
            </Button>
            <Button
              look="quiet"
              disabled={registration.accounts.length > 0}
              aria-label={intl.formatMessage(
                { id: "settings.registration.removeOf" },
                { name: registration.label },
              )}
              onClick={() => setAsked(registration)}
            >
              <FormattedMessage id="settings.removeEntry" />
            </Button>
          </Row>
        ))}
        {list.data?.length === 0 && (
          <p className={styles.block}>
            <FormattedMessage id="settings.registrations.none" />
          </p>
        )}
        <div className={styles.cardFoot}>
          <Button onClick={() => setOpen("new")}>
            <FormattedMessage id="settings.registration.add" />
          </Button>
        </div>
      </Card>
      {open !== null && (
        <Sheet
          title={open === "new" ? intl.formatMessage({ id: "settings.registration.add" }) : open.label}
          onClose={() => setOpen(null)}
        >
          <RegistrationForm registration={open === "new" ? null : open} onClose={() => setOpen(null)} />
        </Sheet>
      )}
      {asked !== null && (
        <Ask
          isDanger
          title={intl.formatMessage({ id: "settings.registration.removeOf" }, { name: asked.label })}
          help={intl.formatMessage({ id: "settings.registration.removeHelp" })}
          yes={intl.formatMessage({ id: "settings.removeEntry" })}
          no={intl.formatMessage({ id: "app.cancel" })}
          onYes={() => {
            remove.mutate({ id: asked.id });
            setAsked(null);
          }}
          onNo={() => setAsked(null)}
        />
      )}
    </Section>
  );
}

function Domains() {
  const intl = useIntl();
  const domains = useCommandQuery("domain_list", {});
  const providers = useCommandQuery("provider_list", {});
  const forget = useCommandMutation("domain_forget");
  const learn = useCommandMutation("domain_learn");
  const run = useUndoable();
  const named = (id: string) => providers.data?.find((provider) => provider.id === id)?.name ?? id;
  const said = ({ provider, servers }: DomainView) =>
    provider === null
      ? [servers?.imap[0], servers?.smtp[0]].filter(Boolean).map(String).map(hostAndPort).join(" · ")
      : named(provider);
  const drop = (view: DomainView) =>
    run(
      view.domain,
      () => forget.mutateAsync({ domain: view.domain }),
      () => learn.mutateAsync(view),
    );
  return (
    <Section
      title={<FormattedMessage id="settings.domains" />}
      hint={<FormattedMessage id="settings.domains.help" />}
    >
      {domains.error !== null && <ErrorNotice error={wireOf(domains.error)} />}
      <Card>
        {domains.data?.length === 0 && (
          <p className={styles.block}>
            <FormattedMessage id="settings.domains.none" />
          </p>
        )}
        {domains.data?.map((view) => (
          <Row key={view.domain} label={view.domain} hint={said(view)}>
            <Button
              look="quiet"
              aria-label={intl.formatMessage({ id: "settings.forgetOf" }, { name: view.domain })}
              onClick={() => drop(view)}
            >
              <FormattedMessage id="settings.forget" />
            </Button>
          </Row>
        ))}
      </Card>
    </Section>
  );
}

function Senders() {
  const intl = useIntl();
  const door = useDoor();
  const senders = useCommandQuery("sender_list", {});
  const forget = useCommandMutation("sender_forget");
  const run = useUndoable();
  return (
    <Section
      title={<FormattedMessage id="settings.senders" />}
      hint={<FormattedMessage id="settings.senders.help" />}
    >
      {senders.error !== null && <ErrorNotice error={wireOf(senders.error)} />}
      <Card>
        {senders.data?.length === 0 && (
          <p className={styles.block}>
            <FormattedMessage id="settings.senders.none" />
          </p>
        )}
        {senders.data?.map(({ address }) => (
          <Row key={address} label={address}>
            <Button
              look="quiet"
              aria-label={intl.formatMessage({ id: "settings.forgetOf" }, { name: address })}
              onClick={() =>
                run(
                  address,
                  () => forget.mutateAsync({ address }),
                  async () => {
                    await door.call("sender_allow", { address });
                    await senders.refetch();
                  },
                )
              }
            >
              <FormattedMessage id="settings.forget" />
            </Button>
          </Row>
        ))}
      </Card>
    </Section>
  );
}
