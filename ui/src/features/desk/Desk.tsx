import { useEffect, useMemo, useRef, useState } from "react";
import type { ReactNode } from "react";
import { useIntl } from "react-intl";
import type { IntlShape } from "react-intl";

import type { AccountView } from "../../ipc/contract";
import { useDoor } from "../../ipc/context";
import { wireOf } from "../../ipc/door";
import type { Door } from "../../ipc/door";
import { useHost } from "../../ipc/hostContext";
import type { DeskEvent } from "../../ipc/host";
import { useCommandMutation, useCommandQueries } from "../../ipc/query";
import { errorText } from "../../shared/errors/text";
import { useNotices } from "../../shared/notices/NoticeProvider";
import { useGo } from "../../shared/place";
import { useSettings } from "../../shared/settings/useSettings";
import { signName, worstOf } from "../../shared/status/sign";
import { useCompose } from "../compose";
import { DeskLinkProvider } from "../mail/deskLink";
import type { DeskLink, DeskRequest } from "../mail/deskLink";
import { SEEN, has } from "../mail/rows";
import type { Scope } from "../mail/view";
import { grouped, isNews, stillNew, tagOf } from "./arrivals";
import type { Announced } from "./arrivals";
import { ResumedReceipts } from "./ResumedReceipts";
import { announcedTrouble, troubleOf } from "./troubles";
import type { Trouble } from "./troubles";
import { useExpiries } from "./useExpiries";
import { useRestored } from "./useRestored";

interface DeskProps {
  /** Every account, none when they cannot be read; `null` until they are known. */
  accounts: readonly AccountView[] | null;
  children: ReactNode;
}

const NONE: readonly AccountView[] = [];

/**
 * What the desktop around the window shows and what it asks for: the tray, the badge, notifications, links. It stands
 * around every screen, since it works whichever is open.
 */
export function Desk({ accounts, children }: DeskProps) {
  const [request, setRequest] = useState<DeskRequest | null>(null);
  const scope = useRef<Scope | null>(null);
  const link = useMemo<DeskLink>(
    () => ({
      request,
      onSeen: (seen) => setRequest((now) => (now === seen ? null : now)),
      onLook: (shown) => {
        scope.current = shown;
      },
    }),
    [request],
  );
  useTray(accounts);
  useNotifications(accounts ?? NONE, () => scope.current);
  useTroubles(accounts ?? NONE);
  useRestored();
  useExpiries();
  useAskedOutside(setRequest);
  return (
    <DeskLinkProvider value={link}>
      {children}
      <ResumedReceipts />
    </DeskLinkProvider>
  );
}

/**
 * The icon beside the clock and the number on the program's icon. They wait for the number: the shell takes them as the
 * sign that the first picture stands.
 */
function useTray(accounts: readonly AccountView[] | null): void {
  const intl = useIntl();
  const host = useHost();
  const { settings, isKnown } = useSettings();
  const unread = useInboxUnread(accounts);
  const closeToTray = settings.close_to_tray;
  const worst = worstOf(accounts ?? NONE);
  const [troubled, worstSign] = [worst?.account.address, worst?.sign];
  useEffect(() => {
    if (!isKnown || unread === null) {
      return;
    }
    const trouble =
      troubled === undefined || worstSign === undefined ? null : { address: troubled, sign: worstSign };
    const counted =
      unread === 0
        ? intl.formatMessage({ id: "desk.tooltip.none" })
        : intl.formatMessage({ id: "desk.tooltip" }, { count: unread });
    const words = (id: "desk.open" | "desk.write" | "desk.check" | "desk.quit") => intl.formatMessage({ id });
    const desk = {
      unread,
      tooltip:
        trouble === null
          ? counted
          : intl.formatMessage(
              { id: "desk.tooltip.trouble" },
              {
                counted,
                address: trouble.address,
                state: intl.formatMessage({ id: signName(trouble.sign) }),
              },
            ),
      items: {
        open: words("desk.open"),
        write: words("desk.write"),
        checkMail: words("desk.check"),
        quit: words("desk.quit"),
      },
      closeToTray,
    };
    // A desktop without a tray is no fault of anybody here.
    host.setDesk(desk).catch(() => {});
  }, [host, intl, unread, troubled, worstSign, closeToTray, isKnown]);
}

/** Unread messages of every inbox; `null` until they are counted. */
function useInboxUnread(accounts: readonly AccountView[] | null): number | null {
  const replies = useCommandQueries(
    "folder_list",
    (accounts ?? NONE).map(({ address }) => ({ address, refresh: false })),
  );
  if (accounts === null || replies.some(({ isPending }) => isPending)) {
    return null;
  }
  return replies
    .flatMap(({ data }) => data ?? [])
    .reduce((sum, { role, unread }) => sum + (role === "inbox" ? unread : 0), 0);
}

/** Announces new messages, one notification for each account, and takes it away once they are seen to. */
function useNotifications(accounts: readonly AccountView[], scopeNow: () => Scope | null): void {
  const intl = useIntl();
  const door = useDoor();
  const host = useHost();
  const { settings } = useSettings();
  const announced = useRef(new Map<string, Announced>());
  const latest = useRef({ accounts, settings, intl, scopeNow });
  useEffect(() => {
    latest.current = { accounts, settings, intl, scopeNow };
  });

  useEffect(
    () =>
      door.listen((event) => {
        if (event.event !== "messages_arrived") {
          return;
        }
        const now = latest.current;
        const facts = {
          settings: now.settings,
          account: now.accounts.find(({ address }) => address === event.address),
          isFocused: document.hasFocus(),
          scope: now.scopeNow(),
        };
        if (isNews(event, facts)) {
          const news = grouped(announced.current.get(event.address), event);
          announced.current.set(event.address, news);
          // A desktop that shows no notifications is no fault of anybody here.
          host.notify(noticeOf(now.intl, news, now.settings.notify_content)).catch(() => {});
        }
      }),
    [door, host],
  );

  useEffect(
    () =>
      door.listen(async (event) => {
        // Read here or elsewhere, moved or deleted: then it is no news any more.
        const news =
          event.event === "folder_synced" && event.changed + event.removed > 0
            ? announced.current.get(event.address)
            : undefined;
        if (news === undefined) {
          return;
        }
        const gone = await goneOf(door, news);
        const left = stillNew(news, gone);
        if (gone.size === 0 || announced.current.get(news.address) !== news) {
          return;
        }
        if (left === null) {
          announced.current.delete(news.address);
          host.withdraw(tagOf(news.address)).catch(() => {});
        } else {
          announced.current.set(news.address, left);
        }
      }),
    [door, host],
  );
  useEffect(() => {
    const looked = () => {
      for (const address of announced.current.keys()) {
        host.withdraw(tagOf(address)).catch(() => {});
      }
      announced.current.clear();
    };
    window.addEventListener("focus", looked);
    return () => window.removeEventListener("focus", looked);
  }, [host]);
}

/** The announced messages that are read or not here any more. */
async function goneOf(door: Door, { messages }: Announced): Promise<Set<number>> {
  const states = await Promise.all(
    messages.map(async ({ id }) => {
      const shown = await door.call("message_show", { id }).catch(() => null);
      return shown === null || shown.row === null || has(shown.row, SEEN) ? [id] : [];
    }),
  );
  return new Set(states.flat());
}

/** The words of a notification. Without its content it says only how many came, and to whom. */
export function noticeOf(intl: IntlShape, { address, messages, count }: Announced, showsContent: boolean) {
  const tag = tagOf(address);
  const [first] = messages;
  const what = intl.formatMessage({ id: "desk.arrived" }, { count });
  const subject = (text: string) =>
    text.trim() === "" ? intl.formatMessage({ id: "desk.noSubject" }) : text;
  if (!showsContent || first === undefined) {
    return {
      tag,
      account: address,
      title: what,
      body: address,
      ...(count === 1 && first !== undefined ? { message: first.id } : {}),
    };
  }
  if (count === 1) {
    return { tag, account: address, message: first.id, title: first.from, body: subject(first.subject) };
  }
  const lines = messages
    .slice(0, 3)
    .map(({ from, subject: text }) =>
      intl.formatMessage({ id: "desk.line" }, { from, subject: subject(text) }),
    );
  const others = count - lines.length;
  return {
    tag,
    account: address,
    title: intl.formatMessage({ id: "desk.arrivedFor" }, { what, address }),
    body: [
      ...lines,
      ...(others > 0 ? [intl.formatMessage({ id: "desk.others" }, { count: others })] : []),
    ].join("\n"),
  };
}

/** Announces once that an account needs the person. */
function useTroubles(accounts: readonly AccountView[]): void {
  const intl = useIntl();
  const host = useHost();
  const known = useRef(new Map<string, Trouble>());
  useEffect(() => {
    for (const account of accounts) {
      const { address, error } = account;
      const now = troubleOf(account);
      const says = announcedTrouble(known.current.get(address), now);
      known.current.set(address, now);
      const tag = `trouble ${address}`;
      if (says !== null) {
        const title = intl.formatMessage({ id: `desk.${says}` }, { address });
        const body = error === null ? "" : `${errorText(intl, error).title}.`;
        host.notify({ tag, title, body, account: address }).catch(() => {});
      } else if (now === "none") {
        host.withdraw(tag).catch(() => {});
      }
    }
  }, [accounts, host, intl]);
}

/** Does what the person asks for at the tray, at a notification or by a link. */
function useAskedOutside(onRequest: (request: DeskRequest) => void): void {
  const intl = useIntl();
  const host = useHost();
  const go = useGo();
  const notices = useNotices();
  const compose = useCompose();
  const check = useCommandMutation("sync_run");
  const hear = (event: DeskEvent): Promise<unknown> | undefined => {
    switch (event.kind) {
      case "open_message":
        go({ kind: "mail", address: null });
        onRequest({ kind: "message", id: event.id });
        return undefined;
      case "notice_action":
        return undefined;
      case "open_inbox":
        go({ kind: "mail", address: null });
        onRequest({ kind: "inbox", address: event.account });
        return undefined;
      case "compose":
        go({ kind: "mail", address: null });
        compose.open({ kind: "new", ...(event.mailto === null ? {} : { mailto: event.mailto }) });
        return undefined;
      case "check_mail":
        check.mutate(
          {},
          {
            onError: (error) =>
              notices.show({ tone: "bad", text: `${errorText(intl, wireOf(error)).title}.` }),
          },
        );
        return undefined;
      case "link_refused": {
        const wire = { code: event.code, fixer: "you", params: {}, detail: "" } as const;
        const { title, help } = errorText(intl, wire);
        notices.show({ tone: "bad", text: `${title}. ${help}` });
        return undefined;
      }
      case "closing":
        return compose.keep();
    }
  };
  const latest = useRef(hear);
  useEffect(() => {
    latest.current = hear;
  });
  useEffect(
    () =>
      host.listen(async (event) => {
        await latest.current(event);
      }),
    [host],
  );
}
