import { FormattedMessage, useIntl } from "react-intl";

import type { AccountView } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { useCommandMutation, useCommandQuery } from "../../ipc/query";
import { Button } from "../../shared/Button";
import { Buttons } from "../../shared/Buttons";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import fields from "../../shared/Field.module.css";
import { size } from "../../shared/quantity";
import { firstChoice, toggled } from "../setup/folders";
import { FolderTree } from "../setup/FolderTree";
import { PERIODS } from "../setup/state";
import { Card, Choice, Pick, Section, Switch } from "./parts";
import styles from "./parts.module.css";
import { useBroughtIntoSight } from "./useBroughtIntoSight";
import { useAccountChange } from "./useChange";

/** Minutes between looks, as they are offered. */
const INTERVALS = [1, 5, 10, 15, 30, 60, 180, 720, 1440];

/** Sizes of messages that come with their attachments, in megabytes, as they are offered. */
const DOWNLOADS = [0, 1, 5, 10, 20, 50, 64];
/** The largest message that comes in one go. */
const LARGEST = 64;

/** How much of the account is kept here, and when it is brought up to date. */
export function AccountSyncSection({
  account,
  isAskedAbout,
}: {
  account: AccountView;
  /** True when it is to come into sight. */
  isAskedAbout: boolean;
}) {
  const intl = useIntl();
  const place = useBroughtIntoSight(isAskedAbout);
  const change = useAccountChange(account);
  const intervals = INTERVALS.includes(account.interval_min)
    ? INTERVALS
    : [...INTERVALS, account.interval_min].toSorted((a, b) => a - b);
  const downloads = DOWNLOADS.includes(account.download_up_to_mb)
    ? DOWNLOADS
    : [...DOWNLOADS, account.download_up_to_mb].toSorted((a, b) => a - b);
  const upTo = (megabytes: number) => {
    const id =
      megabytes === 0
        ? "settings.sync.downloadNever"
        : megabytes === LARGEST
          ? "settings.sync.downloadAlways"
          : "settings.sync.downloadUpTo";
    return intl.formatMessage({ id }, { size: size(intl, megabytes * 1024 * 1024) });
  };
  const every = (minutes: number) =>
    minutes < 60
      ? intl.formatMessage({ id: "settings.sync.minutes" }, { count: minutes })
      : intl.formatMessage({ id: "settings.sync.hours" }, { count: minutes / 60 });
  return (
    <div ref={place}>
      <Section
        title={<FormattedMessage id="settings.sync" />}
        hint={<FormattedMessage id="settings.sync.help" />}
      >
        <Card>
          <Pick
            label={<FormattedMessage id="settings.sync.period" />}
            hint={<FormattedMessage id="settings.sync.periodHelp" />}
            value={account.period}
            options={PERIODS.map((period) => [period, intl.formatMessage({ id: `setup.period.${period}` })])}
            onChange={(period) => change({ period }, intl.formatMessage({ id: "settings.sync.period" }))}
          />
          <Folders account={account} />
          <Pick
            label={<FormattedMessage id="settings.sync.download" />}
            hint={<FormattedMessage id="settings.sync.downloadHelp" />}
            value={String(account.download_up_to_mb)}
            options={downloads.map((megabytes) => [String(megabytes), upTo(megabytes)])}
            onChange={(megabytes) =>
              change(
                { download_up_to_mb: Number(megabytes) },
                intl.formatMessage({ id: "settings.sync.download" }),
              )
            }
          />
          <Choice
            label={<FormattedMessage id="settings.sync.automatic" />}
            hint={
              <FormattedMessage
                id={account.automatic ? "settings.sync.automaticHelp" : "settings.sync.manualHelp"}
              />
            }
            value={account.automatic ? "automatic" : "manual"}
            options={[
              ["automatic", <FormattedMessage key="a" id="settings.sync.byItself" />],
              ["manual", <FormattedMessage key="m" id="settings.sync.byHand" />],
            ]}
            onChange={(how) =>
              change(
                { automatic: how === "automatic" },
                intl.formatMessage({ id: "settings.sync.automatic" }),
              )
            }
          />
          {account.automatic && (
            <>
              <Switch
                label={<FormattedMessage id="settings.sync.push" />}
                hint={<FormattedMessage id="settings.sync.pushHelp" />}
                isOn={account.push}
                onChange={(push) => change({ push }, intl.formatMessage({ id: "settings.sync.push" }))}
              />
              <Pick
                label={<FormattedMessage id="settings.sync.interval" />}
                hint={<FormattedMessage id="settings.sync.intervalHelp" />}
                value={String(account.interval_min)}
                options={intervals.map((minutes) => [String(minutes), every(minutes)])}
                onChange={(minutes) =>
                  change(
                    { interval_min: Number(minutes) },
                    intl.formatMessage({ id: "settings.sync.interval" }),
                  )
                }
              />
            </>
          )}
        </Card>
      </Section>
    </div>
  );
}

/** All folders, or those that are ticked. */
function Folders({ account }: { account: AccountView }) {
  const intl = useIntl();
  const change = useAccountChange(account);
  const { address } = account;
  const list = useCommandQuery("folder_list", { address, refresh: false });
  const refresh = useCommandMutation("folder_list");
  const folders = list.data ?? [];
  const chosen = account.folders;
  const name = intl.formatMessage({ id: "settings.sync.folders" });
  const choose = (how: string) => {
    const first = firstChoice(folders);
    if (how === "all") {
      change({ folders: [] }, name);
    } else if (first.length > 0) {
      change({ folders: first }, name);
    }
  };
  const toggle = (path: string) => {
    const next = toggled(chosen ?? [], path);
    // An empty choice would mean every folder.
    if (next.length > 0) {
      change({ folders: next }, name);
    }
  };
  const error = refresh.error ?? list.error;
  return (
    <div className={styles.block}>
      <Choice
        label={name}
        value={chosen === null ? "all" : "some"}
        options={[
          ["all", <FormattedMessage key="a" id="settings.sync.allFolders" />],
          ["some", <FormattedMessage key="s" id="settings.sync.someFolders" />],
        ]}
        onChange={choose}
      />
      {chosen !== null && (
        <>
          <p className={fields.hint}>
            <FormattedMessage id="setup.choose.parents" />{" "}
            {chosen.length === 1 && <FormattedMessage id="settings.sync.lastFolder" />}
          </p>
          {error !== null && <ErrorNotice error={wireOf(error)} />}
          <FolderTree folders={folders} chosen={new Set(chosen)} onToggle={toggle} />
          <Buttons>
            <span className={fields.hint}>
              <FormattedMessage id="setup.choose.chosen" values={{ count: chosen.length }} />
            </span>
            <Button
              disabled={refresh.isPending}
              onClick={() =>
                refresh.mutate({ address, refresh: true }, { onSuccess: () => void list.refetch() })
              }
            >
              <FormattedMessage id={refresh.isPending ? "setup.choose.asking" : "setup.choose.refresh"} />
            </Button>
          </Buttons>
        </>
      )}
    </div>
  );
}
