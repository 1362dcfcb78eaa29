import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useIntl } from "react-intl";

import { useHost } from "../../ipc/hostContext";
import { useCommandMutation, useCommandQuery } from "../../ipc/query";
import { expiryTitle, helpOf } from "../mail/expiry";

/** How often the calendar is looked at while the window is open: days pass without anything happening. */
const LOOK = 3_600_000;

/** Says once at each distance that something stops working soon; takes it away when it was renewed. */
export function useExpiries(): void {
  const intl = useIntl();
  const host = useHost();
  const client = useQueryClient();
  const { mutate: told } = useCommandMutation("expiry_told");
  const expiries = useCommandQuery("status_get", {}).data?.expiries;
  const said = useRef(new Set<string>());

  useEffect(() => {
    if (expiries === undefined) {
      return;
    }
    for (const expiry of expiries.filter(({ is_due }) => is_due)) {
      const tag = tagOf(expiry.key);
      said.current.add(tag);
      const [account] = expiry.accounts;
      const notice = { tag, title: expiryTitle(intl, expiry), body: helpOf(intl, expiry) };
      // A desktop that shows no notifications is no fault of anybody here; the status says it all the same.
      host.notify(account === undefined ? notice : { ...notice, account }).catch(() => {});
      told({ key: expiry.key });
    }
    const near = new Set(expiries.filter(({ is_near }) => is_near).map(({ key }) => tagOf(key)));
    for (const tag of [...said.current].filter((known) => !near.has(known))) {
      said.current.delete(tag);
      host.withdraw(tag).catch(() => {});
    }
  }, [expiries, host, intl, told]);

  useEffect(() => {
    const look = setInterval(() => void client.invalidateQueries({ queryKey: ["status_get"] }), LOOK);
    return () => clearInterval(look);
  }, [client]);
}

const tagOf = (key: string) => `expiry ${key}`;
