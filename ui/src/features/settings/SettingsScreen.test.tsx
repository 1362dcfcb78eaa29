import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { useState } from "react";
import { afterEach, describe, expect, test, vi } from "vitest";

import type { Locale } from "../../i18n/locale";
import { LOCALES } from "../../i18n/locale";
import { Translations } from "../../i18n/Translations";
import { createQueryClient } from "../../ipc/client";
import { DoorProvider } from "../../ipc/context";
import type {
  AccountView,
  ApprovalView,
  CertificateView,
  ReceiptLineView,
  RemovalPreview,
  RemovalReceipt,
} from "../../ipc/contract";
import type { CommandName } from "../../ipc/door";
import type { Host } from "../../ipc/host";
import { HostProvider } from "../../ipc/hostContext";
import { useCommandQuery } from "../../ipc/query";
import { CommandProvider } from "../../shared/commands/CommandProvider";
import { NoticeProvider } from "../../shared/notices/NoticeProvider";
import { GoProvider } from "../../shared/place";
import type { Destination } from "../../shared/place";
import { DEFAULTS } from "../../shared/settings/settings";
import { ComposeProvider } from "../compose";
import { FakeDoor } from "../setup/testing/fakeDoor";
import { ACCOUNT, ADDRESS, FOLDERS, proof } from "../setup/testing/samples";
import { SettingsScreen } from "./SettingsScreen";

// What the sheets' library asks of a browser and jsdom does not have.
vi.stubGlobal("CSS", { escape: (text: string) => text });

afterEach(cleanup);

/** The screens that show accounts ask again after each change; these are their answers. */
const askedAgain = (door: FakeDoor, accounts: AccountView[]) =>
  settle(() => {
    door.reply("account_list", accounts);
    door.reply("certificate_list", []);
    door.reply("status_get", {
      expiries: [],
      accounts: [],
      store_bytes: 0,
      store_unsound: false,
      store_restored: null,
    });
  });

const OWN = { address: ADDRESS, name: "Anna", is_default: true, signature: "" };
const ALIAS = { address: "office@example.com", name: "Office", is_default: false, signature: "<p>x</p>" };
const FULL: AccountView = { ...ACCOUNT, identities: [OWN, ALIAS] };

const GRANTED: ApprovalView = {
  since: 1,
  tried_at: 1,
  granted_at: 2,
  service: "microsoft",
  client_id: "client",
  tenant: null,
  url: null,
  returns: false,
  scopes: [],
  aadsts: 0,
  error: "access_denied",
};

const dialog = () => screen.getByRole("alertdialog").textContent;

const PREVIEW: RemovalPreview = {
  address: ADDRESS,
  auth: "oauth2",
  messages: 5,
  bytes: 2_000_000,
  operations: [],
  outbox: [
    {
      id: 1,
      account: ADDRESS,
      state: "queued",
      subject: "Offer",
      to: ["b@example.com"],
      message_id: "m",
      attempts: 0,
      next_at: null,
      left_over: false,
      error: null,
    },
  ],
  drafts: 0,
  completions: 3,
  has_other: false,
  ends_grant: false,
  grants_page: "https://myapps.microsoft.com",
  older_secrets: false,
  server: "imap.example.com",
};

const line = (part: Partial<ReceiptLineView>): ReceiptLineView => ({
  what: "messages",
  whereabouts: "gone",
  count: 1,
  bytes: 0,
  page: null,
  error: null,
  ...part,
});

const RECEIPT: RemovalReceipt = {
  address: ADDRESS,
  at: Date.UTC(2026, 10, 23, 9),
  was_resumed: false,
  keeps_mail: false,
  server: "imap.example.com",
  messages: 5,
  bytes: 2_000_000,
  revoked: false,
  revoke_error: null,
  secrets_removed: true,
  complete: true,
  lines: [
    line({ what: "grant", whereabouts: "by_hand", page: "https://myapps.microsoft.com" }),
    line({ what: "messages", count: 5, bytes: 2_000_000 }),
  ],
};

/** What is told by the cache of replies is told in the turn of the queue after. */
const turn = () =>
  new Promise<void>((resolve) => {
    setTimeout(resolve);
  });
const settle = (work: () => void = () => undefined) =>
  act(async () => {
    work();
    await turn();
    await turn();
    await turn();
  });

/** The same for the screens that show settings. */
const listsAskedAgain = (door: FakeDoor) =>
  settle(() => {
    door.reply("settings_get", DEFAULTS);
    door.reply("registration_list", []);
    door.reply("domain_list", []);
    door.reply("sender_list", []);
  });

function host(change: Partial<Host> = {}): Host {
  const can = {
    tray: true,
    notify: true,
    autostart: true,
    messageWindow: true,
    openAttachment: true,
    exportMail: true,
    importMail: true,
    crashReports: true,
    zoom: true,
  };
  return {
    can,
    setDesk: () => Promise.resolve({ trayShown: true }),
    notify: () => Promise.resolve(),
    withdraw: () => Promise.resolve(),
    autostart: () => Promise.resolve({ enabled: false, changeable: true }),
    setAutostart: (enabled) => Promise.resolve({ enabled, changeable: true }),
    openMessageWindow: () => Promise.resolve(),
    openAttachment: () => Promise.resolve("opened"),
    exportMail: () => new Promise(() => undefined),
    importMail: () => new Promise(() => undefined),
    crashReports: () => Promise.resolve([]),
    dismissCrashReport: () => Promise.resolve(),
    reportPageFailure: () => Promise.resolve(),
    setZoom: () => Promise.resolve(),
    listen: () => () => undefined,
    ...change,
  };
}

function Placed({ at }: { at: Destination }) {
  const [place, go] = useState(at);
  const accounts = useCommandQuery("account_list", {});
  return (
    <GoProvider go={go}>
      {place.kind === "settings" && accounts.data !== undefined ? (
        <SettingsScreen
          page={place.page}
          address={place.address ?? null}
          folder={place.folder ?? null}
          section={place.section ?? null}
          accounts={accounts.data}
        />
      ) : (
        <p>{`at ${place.kind}`}</p>
      )}
    </GoProvider>
  );
}

async function open(
  at: Destination,
  options: {
    locale?: Locale;
    accounts?: AccountView[];
    certificates?: CertificateView[];
    host?: Host;
  } = {},
) {
  const door = new FakeDoor();
  render(
    <Translations locale={options.locale ?? "en"}>
      <DoorProvider door={door}>
        <HostProvider host={options.host ?? host()}>
          <QueryClientProvider client={createQueryClient()}>
            <CommandProvider>
              <NoticeProvider>
                <ComposeProvider>
                  <Placed at={at} />
                </ComposeProvider>
              </NoticeProvider>
            </CommandProvider>
          </QueryClientProvider>
        </HostProvider>
      </DoorProvider>
    </Translations>,
  );
  await settle(() => {
    door.reply("account_list", options.accounts ?? [FULL]);
    door.reply("outbox_list", []);
  });
  if (door.asked.some(({ name }) => name === "settings_get")) {
    await settle(() => door.reply("settings_get", DEFAULTS));
  }
  if (door.asked.some(({ name }) => name === "status_get")) {
    await settle(() =>
      door.reply("status_get", {
        expiries: [],
        accounts: [],
        store_bytes: 0,
        store_unsound: false,
        store_restored: null,
      }),
    );
  }
  if (door.asked.some(({ name }) => name === "certificate_list")) {
    await settle(() => door.reply("certificate_list", options.certificates ?? []));
  }
  return door;
}

const general: Destination = { kind: "settings", page: "general" };
const account: Destination = { kind: "settings", page: "account", address: ADDRESS };
const button = (name: string | RegExp) => screen.getByRole<HTMLButtonElement>("button", { name });
const press = (name: string | RegExp) => settle(() => fireEvent.click(button(name)));
const asked = (door: FakeDoor, name: CommandName) => door.asked.filter((call) => call.name === name);

const threads = () => screen.getByRole<HTMLInputElement>("switch", { name: "Threads" });

describe("general", () => {
  test("change_is_shown_at_once_kept_and_can_be_undone", async () => {
    const door = await open(general);
    expect(threads().checked).toBe(true);
    await settle(() => fireEvent.click(threads()));
    expect(threads().checked).toBe(false);
    expect(door.payload("settings_update")).toEqual({ threads: false });
    await settle(() => door.reply("settings_update", { ...DEFAULTS, threads: false }));
    expect(screen.getByText("Changed: Threads")).toBeDefined();
    await press("Undo");
    expect(door.payload("settings_update")).toEqual({ threads: true });
    expect(threads().checked).toBe(true);
  });

  test("answer_to_an_earlier_change_does_not_take_a_later_one_back", async () => {
    const door = await open(general);
    await settle(() => fireEvent.click(threads()));
    await settle(() => fireEvent.click(screen.getByRole("radio", { name: "Dark" })));
    await settle(() => door.reply("settings_update", { ...DEFAULTS, threads: false }));
    expect(screen.getByRole<HTMLInputElement>("radio", { name: "Dark" }).checked).toBe(true);
    await settle(() => door.reply("settings_update", { ...DEFAULTS, threads: false, theme: "dark" }));
    expect(screen.getByRole<HTMLInputElement>("radio", { name: "Dark" }).checked).toBe(true);
    expect(threads().checked).toBe(false);
  });

  test("refused_change_goes_back_and_says_why", async () => {
    const door = await open(general);
    await settle(() => fireEvent.click(screen.getByRole("radio", { name: "Dark" })));
    await settle(() => door.refuse("settings_update", "disk_full"));
    await settle(() => door.reply("settings_get", DEFAULTS));
    expect(screen.getByRole<HTMLInputElement>("radio", { name: "Dark" }).checked).toBe(false);
    expect(screen.getByText(/no room left on the disk.*You can do something/)).toBeDefined();
  });

  test("never_marking_as_read_is_sent_as_a_negative_number", async () => {
    const door = await open(general);
    const field = screen.getByLabelText("Mark an opened message as read");
    await settle(() => fireEvent.change(field, { target: { value: "-1" } }));
    expect(door.payload("settings_update")).toEqual({ read_after_s: -1 });
  });

  test("what_the_host_cannot_do_is_explained", async () => {
    const can = { ...host().can, tray: false, autostart: false };
    await open(general, { host: host({ can }) });
    expect(screen.getAllByText("Only in the desktop program.")).toHaveLength(2);
    expect(screen.getByRole<HTMLInputElement>("switch", { name: /Start when/ }).disabled).toBe(true);
  });

  test("start_at_login_is_the_host_s", async () => {
    const setAutostart = vi.fn<Host["setAutostart"]>((enabled) =>
      Promise.resolve({ enabled, changeable: true }),
    );
    await open(general, { host: host({ setAutostart }) });
    await settle(() => fireEvent.click(screen.getByRole("switch", { name: /Start when/ })));
    expect(setAutostart).toHaveBeenCalledExactlyOnceWith(true);
    expect(screen.getByRole<HTMLInputElement>("switch", { name: /Start when/ }).checked).toBe(true);
  });

  test("escape_leaves_but_not_out_of_a_field", async () => {
    await open(general);
    await settle(() => fireEvent.keyDown(screen.getByLabelText("Language"), { key: "Escape" }));
    expect(screen.queryByText("at mail")).toBeNull();
    await settle(() => fireEvent.keyDown(document.body, { key: "Escape" }));
    expect(screen.getByText("at mail")).toBeDefined();
  });
});

describe("account", () => {
  test("page_is_current_and_its_heading_has_the_focus", async () => {
    await open(account);
    const nav = within(screen.getByRole("navigation", { name: "Settings" }));
    expect(nav.getByRole("button", { current: "page" }).textContent).toContain(ADDRESS);
    expect(document.activeElement).toBe(screen.getByRole("heading", { level: 1, name: ADDRESS }));
  });

  test("proofs_are_shown_as_they_end_and_can_be_given_up", async () => {
    const door = await open(account);
    await press("Test this account");
    await settle(() => door.tell({ event: "proof_ended", address: ADDRESS, proof: proof("name-lookup") }));
    await settle(() => door.tell({ event: "proof_ended", address: "eve@example.com", proof: proof("tls") }));
    expect(screen.getByText("1 of 8 proofs have ended.")).toBeDefined();
    await press("Cancel");
    expect(door.payload("account_cancel")).toEqual({ address: ADDRESS });
    await settle(() => door.refuse("account_test", "cancelled"));
    expect(screen.queryByRole("alert")).toBeNull();
  });

  test.each([
    [
      "waiting",
      { state: "waiting-approval", approval: { ...GRANTED, granted_at: null } },
      /your administrator has to allow first/,
      "Try to sign in now",
    ],
    ["approved", { approval: GRANTED }, /once you are signed in\./, "Sign in and finish"],
    ["signed_out", { state: "signed-out" }, /once you are signed in\./, "Sign in"],
  ])("account_that_is_%s_says_why_there_is_no_test", async (_, part, why, way) => {
    const error = { code: "sign_in_again", fixer: "you", params: {}, detail: "" };
    await open(account, { accounts: [{ ...FULL, error, ...part } as AccountView] });
    expect(screen.getByText(why)).toBeDefined();
    expect(screen.queryByRole("button", { name: "Test this account" })).toBeNull();
    expect(screen.getAllByRole("button", { name: way })).toHaveLength(1);
    expect(screen.queryAllByRole("button", { name: "Finish" })).toEqual([]);
  });

  test("section_that_is_asked_about_comes_into_sight", async () => {
    const sight = vi.fn<(this: Element) => void>();
    Element.prototype.scrollIntoView = function scroll() {
      sight.call(this);
    };
    await open({ ...account, section: "sync" });
    await vi.waitFor(() => expect(sight).toHaveBeenCalledTimes(1));
    const [place] = sight.mock.contexts;
    expect(within(place as HTMLElement).getByRole("heading", { name: "Synchronisation" })).toBeDefined();
  });

  test("last_chosen_folder_stays", async () => {
    const door = await open(account, { accounts: [{ ...FULL, folders: ["INBOX"] }] });
    await settle(() => door.reply("folder_list", FOLDERS));
    await settle(() => fireEvent.click(screen.getByRole("checkbox", { name: "Inbox" })));
    expect(asked(door, "account_update")).toHaveLength(0);
    await settle(() => fireEvent.click(screen.getByRole("checkbox", { name: "Work" })));
    expect(door.payload("account_update")).toEqual({ address: ADDRESS, folders: ["INBOX", "Work"] });
  });

  test("name_is_kept_when_the_field_is_left", async () => {
    const door = await open(account);
    const field = screen.getByLabelText("Name of the account");
    await settle(() => fireEvent.change(field, { target: { value: "Work" } }));
    expect(asked(door, "account_update")).toHaveLength(0);
    await settle(() => fireEvent.blur(field));
    expect(door.payload("account_update")).toEqual({ address: ADDRESS, name: "Work" });
    expect(screen.getByRole("heading", { level: 1, name: "Work" })).toBeDefined();
  });

  test("alias_is_removed_with_undo_and_the_own_address_stays", async () => {
    const door = await open(account);
    expect(screen.queryByRole("button", { name: `Remove ${ADDRESS}` })).toBeNull();
    await press("Remove office@example.com");
    expect(door.payload("identity_remove")).toEqual({ account: ADDRESS, address: "office@example.com" });
    await settle(() => door.reply("identity_remove", FULL));
    await askedAgain(door, [{ ...FULL, identities: [OWN] }]);
    await press("Undo");
    expect(door.payload("identity_save")).toEqual({ account: ADDRESS, ...ALIAS });
  });

  test("other_servers_are_proved_and_a_failure_keeps_the_form", async () => {
    const door = await open(account);
    await press("Change the servers");
    const group = within(screen.getByRole("group", { name: "Receiving (IMAP)" }));
    const field = () => group.getByLabelText<HTMLInputElement>("Server");
    await settle(() => fireEvent.change(field(), { target: { value: "" } }));
    await press("Prove and keep");
    expect(asked(door, "account_servers")).toHaveLength(0);
    expect(field().getAttribute("aria-invalid")).toBe("true");
    await settle(() => fireEvent.change(field(), { target: { value: "mail.example.org" } }));
    await press("Prove and keep");
    expect(door.payload("account_servers")).toEqual({
      address: ADDRESS,
      imap: "mail.example.org:993:tls",
      smtp: "smtp.example.com:587:starttls",
      certificates: [],
    });
    await settle(() => door.refuse("account_servers", "auth_failed", { host: "mail.example.org" }));
    await askedAgain(door, [FULL]);
    expect(screen.getByRole("alert").textContent).toContain("mail.example.org did not accept");
    expect(field().value).toBe("mail.example.org");
  });

  test("trusted_certificate_is_shown_and_trust_can_be_taken_back", async () => {
    const server = { host: "mail.example.org", port: 993, fingerprint: "ab12cd34" };
    const certificate = {
      ...server,
      subject: "mail",
      issuer: "mail",
      until: null,
      reason: "unknown_issuer",
      since: 1_795_352_700_000,
    };
    const door = await open(account, { certificates: [certificate] });
    expect(screen.getByText("AB12 CD34")).toBeDefined();
    expect(screen.getByText(/although: this computer does not trust whoever issued it/)).toBeDefined();
    await press("Stop trusting the certificate of mail.example.org:993");
    const { fingerprint, ...where } = server;
    expect(door.payload("certificate_forget")).toEqual({ address: ADDRESS, ...where });
    await settle(() => door.reply("certificate_forget", []));
    await askedAgain(door, [FULL]);
    await press("Undo");
    expect(door.payload("certificate_trust")).toEqual({ address: ADDRESS, ...where, fingerprint });
  });

  test.each([
    { user: "", undo: true },
    { user: "DOM\\ewa", undo: false },
  ])("other_servers_with_user_name_ $user _can_be_taken_back_ $undo", async ({ user, undo }) => {
    const door = await open(account);
    await press("Change the servers");
    const group = within(screen.getByRole("group", { name: "Receiving (IMAP)" }));
    const field = group.getByLabelText<HTMLInputElement>("Server");
    await settle(() => fireEvent.change(field, { target: { value: "mail.example.org" } }));
    await settle(() => fireEvent.change(screen.getByLabelText("User name"), { target: { value: user } }));
    await press("Prove and keep");
    await settle(() => door.reply("account_servers", FULL));
    await askedAgain(door, [FULL]);
    expect(screen.getByText("The new servers were proved and kept.")).toBeDefined();
    expect(screen.queryByRole("button", { name: "Undo" }) !== null).toBe(undo);
  });

  test("removal_is_asked_about_and_leaves_a_receipt", async () => {
    const door = await open(account);
    await settle(() => door.reply("folder_list", FOLDERS));
    await press("Remove…");
    await settle(() => door.reply("removal_preview", PREVIEW));
    expect(dialog()).toContain("On the server imap.example.com every message stays");
    expect(dialog()).toContain("Not sent: “Offer” to b@example.com");
    expect(asked(door, "account_remove")).toHaveLength(0);
    await press("Remove account");
    expect(door.payload("account_remove")).toEqual({
      address: ADDRESS,
      messages: true,
      completions: true,
      older_secrets: false,
    });
    await settle(() => door.reply("account_remove", RECEIPT));
    await settle(() => {
      door.reply("folder_list", []);
      door.reply("outbox_list", []);
    });
    await askedAgain(door, []);
    expect(dialog()).toContain("5 messages with their files (2\u00A0MB): gone");
    expect(dialog()).toContain("Access at the provider: end it yourself on the provider’s page");
    await settle(() =>
      fireEvent.click(within(screen.getByRole("alertdialog")).getAllByText("Close").at(-1) ?? document.body),
    );
    expect(screen.getByRole("heading", { level: 1, name: "General" })).toBeDefined();
  });

  test("mail_that_is_kept_is_not_lost_and_only_the_sign_in_goes", async () => {
    const door = await open(account);
    await settle(() => door.reply("folder_list", FOLDERS));
    await press("Remove…");
    await settle(() => door.reply("removal_preview", PREVIEW));
    await settle(() => fireEvent.click(screen.getByLabelText(/5 messages on this computer/)));
    expect(screen.getByRole("alertdialog").textContent).not.toContain("Not sent");
    await press("Sign out, keep the mail");
    expect(door.payload("account_remove")).toMatchObject({ address: ADDRESS, messages: false });
  });

  test("half_finished_account_leads_back_to_the_wizard", async () => {
    await open(account, { accounts: [{ ...FULL, setup_done: false }] });
    await press("Finish setup");
    expect(screen.getByText("at setup")).toBeDefined();
  });
});

describe("services", () => {
  test("registration_is_checked_and_sent_without_an_empty_secret", async () => {
    const door = await open({ kind: "settings", page: "services" });
    await settle(() => door.reply("registration_list", []));
    await press("Add a client ID");
    await settle(() =>
      fireEvent.change(screen.getByLabelText("Sign-in service"), { target: { value: "microsoft" } }),
    );
    expect(screen.getByText("http://localhost")).toBeDefined();
    await press("Save");
    expect(screen.getByText("Enter the client ID from the service’s page.")).toBeDefined();
    await settle(() => fireEvent.change(screen.getByLabelText("Client ID"), { target: { value: " id " } }));
    await settle(() => fireEvent.change(screen.getByLabelText("Tenant"), { target: { value: "contoso" } }));
    await press("Save");
    expect(door.payload("registration_save")).toEqual({
      label: "Microsoft",
      service: "microsoft",
      client_id: "id",
      tenant: "contoso",
    });
    await settle(() => door.refuse("registration_save", "input_invalid", { field: "tenant" }));
    await listsAskedAgain(door);
    expect(screen.getByRole("alert").textContent).toContain("tenant");
  });

  test("registration_in_use_cannot_be_removed", async () => {
    const door = await open({ kind: "settings", page: "services" });
    const registration = {
      id: 1,
      label: "Own",
      service: "google",
      client_id: "x",
      tenant: "",
      has_secret: true,
      secret_ends_at: null,
      accounts: [ADDRESS],
    };
    await settle(() => door.reply("registration_list", [registration]));
    expect(button("Remove Own").disabled).toBe(true);
  });

  test("forgotten_domain_can_be_brought_back", async () => {
    const door = await open({ kind: "settings", page: "services" });
    await settle(() =>
      door.reply("domain_list", [{ domain: "example.com", provider: "gmail", servers: null }]),
    );
    await press("Forget example.com");
    expect(door.payload("domain_forget")).toEqual({ domain: "example.com" });
    await settle(() => door.reply("domain_forget", {}));
    await listsAskedAgain(door);
    await press("Undo");
    expect(door.payload("domain_learn")).toEqual({
      domain: "example.com",
      provider: "gmail",
      servers: null,
    });
  });
});

describe.each(LOCALES)("pages in %s", (locale) => {
  test.each(["general", "notifications", "account", "storage", "services", "about"] as const)(
    "page %s _has_words_for_everything",
    async (page) => {
      const door = await open({ kind: "settings", page, address: ADDRESS }, { locale });
      const answer = <K extends CommandName>(name: K, reply: Parameters<typeof door.reply<K>>[1]) =>
        door.asked.some((call) => call.name === name) ? settle(() => door.reply(name, reply)) : undefined;
      await answer("storage_get", {
        home: "/home/anna",
        database_bytes: 5e6,
        index_bytes: 1e6,
        free_bytes: 1e9,
        accounts: [{ address: ADDRESS, messages: 2, original_bytes: 1e6, kept_bytes: 1e6 }],
      });
      await answer("about_get", {
        version: "1.0.0",
        platform: "linux",
        home: "/home/anna",
        policy: null,
        vault: "keychain",
      });
      expect(screen.getAllByRole("heading", { level: 1 })).toHaveLength(1);
      expect(document.body.textContent).not.toMatch(/[{}<>]|undefined|settings\.[a-z]|setup\.[a-z]/);
    },
  );

  test("pages_that_cannot_be_read_say_why", async () => {
    const door = await open({ kind: "settings", page: "storage" }, { locale });
    await settle(() => door.refuse("storage_get", "store_busy"));
    expect(screen.getByRole("alert").textContent).not.toBe("");
  });
});
