import { useEffect, useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { MessageKey } from "../../i18n/messages";
import { wireOf } from "../../ipc/door";
import type { Autostart } from "../../ipc/host";
import { useHost } from "../../ipc/hostContext";
import { useCommandMutation } from "../../ipc/query";
import { Button } from "../../shared/Button";
import { useCommandSheets } from "../../shared/commands/CommandProvider";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { useSettings } from "../../shared/settings/useSettings";
import { ExternalLink } from "../../shared/ExternalLink";
import { LANGUAGES } from "./languages";
import { Card, Choice, Page, Pick, Row, Section, Switch } from "./parts";
import styles from "./GeneralPage.module.css";
import { useChange, useUndoable } from "./useChange";

const READ_AFTER = [0, 2, 5, 10];
const UNDO_SEND = [0, 5, 10, 20, 30, 60];

/** How the program looks and behaves. */
export function GeneralPage() {
  const intl = useIntl();
  const { settings, error } = useSettings();
  const change = useChange();
  const openSheet = useCommandSheets();
  const word = (id: MessageKey) => intl.formatMessage({ id });
  const seconds = (count: number) => intl.formatMessage({ id: "settings.seconds" }, { count });

  return (
    <Page title={<FormattedMessage id="settings.general" />}>
      {error !== null && <ErrorNotice error={error} />}
      <Section title={<FormattedMessage id="settings.look" />}>
        <Card>
          <Pick
            label={<FormattedMessage id="settings.language" />}
            value={settings.language}
            options={[["system", word("settings.asSystem")], ...LANGUAGES]}
            onChange={(language) => change({ language }, "settings.language")}
          />
          <Choice
            label={<FormattedMessage id="settings.theme" />}
            value={settings.theme}
            options={[
              ["system", word("settings.asSystem")],
              ["light", word("settings.theme.light")],
              ["dark", word("settings.theme.dark")],
            ]}
            onChange={(theme) => change({ theme }, "settings.theme")}
          />
          <Choice
            label={<FormattedMessage id="settings.density" />}
            value={settings.density}
            options={[
              ["comfortable", word("settings.density.comfortable")],
              ["compact", word("settings.density.compact")],
            ]}
            onChange={(density) => change({ density }, "settings.density")}
          />
        </Card>
      </Section>
      <Section title={<FormattedMessage id="settings.reading" />}>
        <Card>
          <Switch
            label={<FormattedMessage id="settings.threads" />}
            hint={<FormattedMessage id="settings.threads.help" />}
            isOn={settings.threads}
            onChange={(threads) => change({ threads }, "settings.threads")}
          />
          <Pick
            label={<FormattedMessage id="settings.readAfter" />}
            value={String(settings.read_after_s ?? -1)}
            options={[
              ...withCurrent(READ_AFTER, settings.read_after_s).map(
                (count) =>
                  [String(count), count === 0 ? word("settings.readAfter.atOnce") : seconds(count)] as const,
              ),
              ["-1", word("settings.readAfter.never")],
            ]}
            onChange={(value) => change({ read_after_s: Number(value) }, "settings.readAfter")}
          />
        </Card>
      </Section>
      <Section title={<FormattedMessage id="settings.writing" />}>
        <Card>
          <Pick
            label={<FormattedMessage id="settings.undoSend" />}
            hint={<FormattedMessage id="settings.undoSend.help" />}
            value={String(settings.undo_send_s)}
            options={withCurrent(UNDO_SEND, settings.undo_send_s).map((count) => [
              String(count),
              count === 0 ? word("settings.undoSend.none") : seconds(count),
            ])}
            onChange={(value) => change({ undo_send_s: Number(value) }, "settings.undoSend")}
          />
          <Switch
            label={<FormattedMessage id="settings.reminder" />}
            hint={<FormattedMessage id="settings.reminder.help" />}
            isOn={settings.attachment_reminder}
            onChange={(is) => change({ attachment_reminder: is }, "settings.reminder")}
          />
          <Switch
            label={<FormattedMessage id="settings.plain" />}
            hint={<FormattedMessage id="settings.plain.help" />}
            isOn={settings.plain_text}
            onChange={(is) => change({ plain_text: is }, "settings.plain")}
          />
        </Card>
      </Section>
      <Section title={<FormattedMessage id="settings.keyboard" />}>
        <Card>
          <Switch
            label={<FormattedMessage id="settings.singleKeys" />}
            hint={<FormattedMessage id="settings.singleKeys.help" />}
            isOn={settings.single_keys}
            onChange={(is) => change({ single_keys: is }, "settings.singleKeys")}
          />
          <Row
            label={<FormattedMessage id="settings.shortcuts" />}
            hint={<FormattedMessage id="settings.shortcuts.help" />}
          >
            <Button onClick={() => openSheet("shortcuts")}>
              <FormattedMessage id="settings.shortcuts.show" />
            </Button>
          </Row>
        </Card>
      </Section>
      <Section title={<FormattedMessage id="settings.computer" />}>
        <Card>
          <StartAtLogin />
          <CloseToTray />
        </Card>
      </Section>
      <Section title={<FormattedMessage id="settings.updates" />}>
        <Updates />
      </Section>
    </Page>
  );
}

/** The usual choices, and the one that is in force when it is another. */
function withCurrent(usual: readonly number[], current: number | null): number[] {
  const all = current === null || usual.includes(current) ? usual : [...usual, current];
  return all.toSorted((a, b) => a - b);
}

function StartAtLogin() {
  const intl = useIntl();
  const host = useHost();
  const run = useUndoable();
  const [autostart, setAutostart] = useState<Autostart | null>(null);
  useEffect(() => {
    let isWanted = true;
    void host.autostart().then(
      (now) => isWanted && setAutostart(now),
      () => isWanted && setAutostart({ enabled: false, changeable: false }),
    );
    return () => {
      isWanted = false;
    };
  }, [host]);
  const isFixed = autostart !== null && !autostart.changeable;
  const set = async (enabled: boolean) => setAutostart(await host.setAutostart(enabled));
  return (
    <Switch
      label={<FormattedMessage id="settings.autostart" />}
      hint={
        <FormattedMessage
          id={
            !host.can.autostart
              ? "settings.notHere"
              : isFixed
                ? "settings.autostart.fixed"
                : "settings.autostart.help"
          }
        />
      }
      isOn={autostart?.enabled ?? false}
      disabled={autostart === null || isFixed || !host.can.autostart}
      onChange={(enabled) =>
        run(
          intl.formatMessage({ id: "settings.autostart" }),
          () => set(enabled),
          () => set(!enabled),
        )
      }
    />
  );
}

function CloseToTray() {
  const host = useHost();
  const { settings } = useSettings();
  const change = useChange();
  return (
    <Switch
      label={<FormattedMessage id="settings.tray" />}
      hint={<FormattedMessage id={host.can.tray ? "settings.tray.help" : "settings.notHere"} />}
      isOn={settings.close_to_tray && host.can.tray}
      disabled={!host.can.tray}
      onChange={(is) => change({ close_to_tray: is }, "settings.tray")}
    />
  );
}

function Updates() {
  const { settings } = useSettings();
  const change = useChange();
  const check = useCommandMutation("update_check");
  return (
    <>
      <Card>
        <Switch
          label={<FormattedMessage id="settings.updates.look" />}
          hint={
            <FormattedMessage
              id={settings.updates_changeable ? "settings.updates.help" : "settings.updates.fixed"}
            />
          }
          isOn={settings.updates}
          disabled={!settings.updates_changeable}
          onChange={(updates) => change({ updates }, "settings.updates.look")}
        />
        {(settings.updates || settings.updates_changeable) && (
          <Row
            label={<FormattedMessage id="settings.updates.version" />}
            hint={
              <output>
                {check.data !== undefined &&
                  (check.data.newer === null ? (
                    <FormattedMessage id="settings.updates.newest" values={{ version: check.data.current }} />
                  ) : (
                    <FormattedMessage
                      id="settings.updates.newer"
                      values={{ version: check.data.newer, current: check.data.current }}
                    />
                  ))}
                {check.data !== undefined && check.data.newer !== null && check.data.url !== null && (
                  <>
                    {" "}
                    <ExternalLink url={check.data.url} id="settings.updates.read" />
                  </>
                )}
              </output>
            }
          >
            <Button disabled={check.isPending} onClick={() => check.mutate({})}>
              <FormattedMessage
                id={check.isPending ? "settings.updates.checking" : "settings.updates.check"}
              />
            </Button>
          </Row>
        )}
      </Card>
      {check.error !== null && (
        <div className={styles.after}>
          <ErrorNotice error={wireOf(check.error)} />
        </div>
      )}
    </>
  );
}
