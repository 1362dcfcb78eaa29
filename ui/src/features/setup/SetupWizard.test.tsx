import { act, cleanup, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, describe, expect, test, vi } from "vitest";

import { LOCALES } from "../../i18n/locale";
import type { Locale } from "../../i18n/locale";
import { MESSAGES } from "../../i18n/messages";
import { Translations } from "../../i18n/Translations";
import { DoorProvider } from "../../ipc/context";
import { SetupWizard } from "./SetupWizard";
import { FakeDoor } from "./testing/fakeDoor";
import {
  ACCOUNT,
  ADDRESS,
  APP_PASSWORD,
  FOLDERS,
  OAUTH,
  OFFLINE,
  TESTED,
  SUSPECTED,
  candidate,
  detection,
  proof,
  wire,
} from "./testing/samples";
import { TYPED_MS } from "./useProbe";

afterEach(cleanup);

function open(locale: Locale = "en", onCancel?: () => void) {
  const door = new FakeDoor();
  const onDone = vi.fn<(address: string) => void>();
  render(
    <Translations locale={locale}>
      <DoorProvider door={door}>
        <SetupWizard onDone={onDone} onCancel={onCancel} />
      </DoorProvider>
    </Translations>,
  );
  return { door, onDone };
}

const heading = () => screen.getByRole("heading", { level: 1 }).textContent;
const button = (name: string | RegExp) => screen.getByRole<HTMLButtonElement>("button", { name });
const press = (name: string | RegExp) => fireEvent.click(button(name));
const fill = (label: string, value: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value } });
const settle = (work: () => void) =>
  act(async () => {
    work();
    await Promise.resolve();
  });

async function find(door: FakeDoor, ...found: Parameters<typeof detection>) {
  fill("E-mail address", ADDRESS);
  press("Continue");
  await settle(() => door.reply("account_detect", detection(...found)));
}

function steps(mx: object): string {
  return JSON.stringify([
    { source: "built_in", outcome: "not_found" },
    { source: "mx", ...mx },
  ]);
}

async function findNothing(door: FakeDoor) {
  fill("E-mail address", ADDRESS);
  press("Continue");
  const domain = "example.com";
  const offline = { domain, steps: steps({ outcome: "not_asked" }) };
  await settle(() => door.refuse("account_detect", "provider_unknown", offline));
  expect(screen.getAllByText("asking…")).toHaveLength(6);
  const online = { domain, steps: steps({ outcome: "unknown_host", host: "mx.example.com" }) };
  await settle(() => door.refuse("account_detect", "provider_unknown", online));
}

async function connect(door: FakeDoor) {
  await find(door, candidate());
  press("Continue");
  fill("Password", "secret");
  press("Sign in");
  await settle(() => door.reply("account_add", ACCOUNT));
}

describe("address", () => {
  test("field_is_labelled_focused_and_checked", () => {
    open();
    expect(heading()).toBe("Connect your mailbox");
    const field = screen.getByLabelText<HTMLInputElement>("E-mail address");
    expect(document.activeElement).toBe(field);
    expect(button("Continue").disabled).toBe(true);
    fill("E-mail address", "anna@example");
    expect(screen.queryByText(MESSAGES.en["setup.address.domain"])).toBeNull();
    fireEvent.blur(field);
    expect(field.getAttribute("aria-invalid")).toBe("true");
    expect(screen.getByText(MESSAGES.en["setup.address.domain"])).toBeDefined();
    fill("E-mail address", ADDRESS);
    expect(field.getAttribute("aria-invalid")).toBe("false");
    expect(button("Continue").disabled).toBe(false);
  });

  test("ladder_shows_what_is_known_and_who_is_asked", async () => {
    const { door } = open();
    fill("E-mail address", ADDRESS);
    press("Continue");
    expect(door.payload("account_detect")).toEqual({ address: ADDRESS, offline: true, allow_http: false });
    await settle(() => door.reply("account_detect", OFFLINE));
    expect(door.payload("account_detect")).toEqual({ address: ADDRESS, offline: false, allow_http: false });
    const rungs = within(screen.getByRole("list", { name: MESSAGES.en["setup.ladder"] }));
    expect(rungs.getAllByRole("listitem").map((rung) => rung.textContent)).toEqual([
      "–Your organisationnot listed",
      "–Known providersnot listed",
      "What example.com publishes about its mailasking…",
      "What the website of example.com publishesasking…",
      "The domain’s sealed configurationasking…",
      "The public database of providersasking…",
      "Where example.com receives its mailasking…",
      "The service records of example.comasking…",
    ]);
    await settle(() => door.reply("account_detect", detection(SUSPECTED)));
    expect(screen.getByText("✓")).toBeDefined();
    expect(screen.getByRole("heading", { level: 2, name: "Example Mail" })).toBeDefined();
    expect(screen.getByText("imap.example.com · smtp.example.com")).toBeDefined();
  });

  test("suspected_servers_are_asked_about_before_anything_is_sent", async () => {
    const { door } = open();
    fill("E-mail address", ADDRESS);
    press("Continue");
    await settle(() => door.reply("account_detect", OFFLINE));
    await settle(() => door.reply("account_detect", detection(SUSPECTED)));
    expect(screen.getByText("Are these the right servers?")).toBeDefined();
    press("These are right, continue");
    fill("Password", "secret");
    press("Sign in");
    expect(door.payload("account_add")).toMatchObject({
      approved_servers: ["imap.example.com:993:tls", "smtp.example.com:587:starttls"],
    });
  });

  test("every_server_that_is_agreed_to_is_named_with_why_it_is_doubted_and_who_agrees", async () => {
    const { door } = open();
    const doubted = candidate({
      source: "autoconfig",
      agreed: ["srv"],
      confirmed: false,
      imap: ["imap.hoster.net:993:tls", "imap.hoster.net:143:starttls"],
      smtp: ["smtp.hoster.net:465:tls"],
      notes: [{ code: "servers_outside_domain", url: null }],
    });
    await find(door, doubted);
    await settle(() => door.reply("account_detect", detection(doubted)));
    expect(screen.getByText(MESSAGES.en["setup.note.servers_outside_domain"])).toBeDefined();
    expect(screen.getByText("Sources that agree: the domain’s service records")).toBeDefined();
    expect(
      screen.getByText(
        "Nothing has been sent to these servers yet: imap.hoster.net:993, imap.hoster.net:143, and smtp.hoster.net:465.",
      ),
    ).toBeDefined();
    press("These are right, continue");
    fill("Password", "secret");
    press("Sign in");
    expect(door.payload("account_add")).toMatchObject({
      approved_servers: [...doubted.imap, ...doubted.smtp],
    });
    // The core found others meanwhile: they are looked up again, and nothing is agreed to.
    await settle(() => door.refuse("account_add", "servers_unconfirmed", { servers: "evil.net:993:tls" }));
    expect(door.payload("account_detect")).toEqual({ address: ADDRESS, offline: true, allow_http: false });
    expect(button("Looking…").disabled).toBe(true);
  });

  test("unencrypted_question_is_asked_only_after_the_warning", async () => {
    const { door } = open();
    await findNothing(door);
    expect(screen.getByText(/Anybody on the way, in a café for instance/)).toBeDefined();
    press(MESSAGES.en["setup.unencrypted.ask"]);
    expect(door.payload("account_detect")).toEqual({ address: ADDRESS, offline: false, allow_http: true });
    const all = JSON.stringify([{ source: "plain_autoconfig", outcome: "not_found" }]);
    await settle(() =>
      door.refuse("account_detect", "provider_unknown", { domain: "example.com", steps: all }),
    );
    expect(screen.queryByText(/Anybody on the way/)).toBeNull();
  });

  test("failed_source_says_why", async () => {
    const { door } = open();
    fill("E-mail address", ADDRESS);
    press("Continue");
    const all = JSON.stringify([
      { source: "autoconfig", outcome: "failed", code: "tls_certificate_expired" },
      { source: "srv", outcome: "failed", code: "connect_timeout" },
      { source: "pacc", outcome: "failed", code: "a_new_code" },
      { source: "ispdb", outcome: "failed" },
    ]);
    await settle(() => door.refuse("account_detect", "connect_timeout", { steps: all }));
    const rungs = within(screen.getByRole("list", { name: MESSAGES.en["setup.ladder"] }));
    expect(rungs.getAllByRole("listitem").map((rung) => rung.textContent)).toEqual([
      "!What example.com publishes about its mailThe certificate of the server has expired or is not valid yet",
      "!The service records of example.comThe server did not answer in time",
      "!The domain’s sealed configurationno answer",
      "!The public database of providersno answer",
    ]);
  });

  test("network_that_failed_leaves_the_list_of_providers_and_the_unencrypted_question", async () => {
    const { door } = open();
    fill("E-mail address", ADDRESS);
    press("Continue");
    const all = JSON.stringify([{ source: "mx", outcome: "failed", code: "network_unreachable" }]);
    await settle(() => door.refuse("account_detect", "network_unreachable", { steps: all }));
    expect(button("Try again")).toBeDefined();
    expect(button("Choose the provider from a list")).toBeDefined();
    expect(screen.getByText("Is it an older domain?")).toBeDefined();
    press(MESSAGES.en["setup.unencrypted.ask"]);
    expect(door.payload("account_detect")).toEqual({ address: ADDRESS, offline: false, allow_http: true });
  });

  test("fault_of_the_program_asks_nobody_for_a_provider", async () => {
    const { door } = open();
    fill("E-mail address", ADDRESS);
    press("Continue");
    await settle(() => door.refuse("account_detect", "internal"));
    expect(screen.queryByRole("button", { name: "Choose the provider from a list" })).toBeNull();
    expect(screen.queryByText("Is it an older domain?")).toBeNull();
  });

  test("other_answer_is_used_with_its_own_agreement", async () => {
    const { door } = open();
    const other = candidate({
      provider: null,
      name: null,
      source: "autoconfig",
      confirmed: false,
      imap: ["imap.hoster.net:993:tls", "imap.hoster.net:143:starttls"],
      smtp: ["smtp.hoster.net:465:tls"],
      login: "anna7",
    });
    await find(door, candidate(), other);
    expect(screen.queryByText("Are these the right servers?")).toBeNull();
    expect(screen.getByText("Other answers")).toBeDefined();
    expect(screen.getByText("Source: the configuration that the domain publishes")).toBeDefined();
    press("Use this: imap.hoster.net · smtp.hoster.net");
    expect(screen.getByText("Are these the right servers?")).toBeDefined();
    press("These are right, continue");
    fill("Password", "secret");
    press("Sign in");
    expect(door.payload("account_add")).toMatchObject({
      imap: "imap.hoster.net:993:tls",
      smtp: "smtp.hoster.net:465:tls",
      username: "anna7",
      approved_servers: [...other.imap, ...other.smtp],
      sign_in: { kind: "password", password: "secret" },
    });
  });

  test("other_answer_that_is_a_provider_of_the_list_is_taught", async () => {
    const { door } = open();
    await find(door, candidate(), candidate({ provider: "other", name: "Other Mail", imap: [], smtp: [] }));
    press("Use this: Other Mail");
    expect(door.payload("domain_learn")).toEqual({ domain: "example.com", provider: "other", servers: null });
  });

  test("detection_refused_says_why", async () => {
    const { door } = open();
    fill("E-mail address", ADDRESS);
    press("Continue");
    await settle(() => door.refuse("account_detect", "provider_without_imap", { provider: "Secret Mail" }));
    expect(screen.getByRole("alert").textContent).toContain("Secret Mail does not let other programs");
    // There is no way in, so nothing to try again.
    expect(screen.queryByRole("button", { name: "Try again" })).toBeNull();
  });

  test("way_out_is_there_only_when_there_is_one", () => {
    open();
    expect(screen.queryByRole("button", { name: "Cancel" })).toBeNull();
    cleanup();
    const leave = vi.fn<() => void>();
    open("en", leave);
    press("Cancel");
    expect(leave).toHaveBeenCalledOnce();
  });
});

describe("sign-in", () => {
  test("browser_is_opened_its_address_shown_and_an_answer_taken", async () => {
    const { door } = open();
    await find(door, OAUTH);
    press("Continue");
    expect(heading()).toBe("Sign in to Example Mail");
    press("Continue in the browser");
    const url = "https://id.example.com/?state=1";
    await settle(() => door.tell({ event: "signin_opened", address: ADDRESS, url }));
    expect(door.opened).toEqual([url]);
    expect(screen.getByText(url).tagName).toBe("CODE");
    press("Open the page again");
    expect(door.opened).toEqual([url, url]);
    fill("Answer from the browser", "4/code");
    press("Use this answer");
    expect(door.payload("signin_answer")).toEqual({ text: "4/code" });
    await settle(() => door.refuse("signin_answer", "oauth_state_mismatch"));
    expect(screen.getByRole("alert").textContent).toContain("belongs to another sign-in");
    press("Cancel");
    expect(door.payload("signin_cancel")).toEqual({ address: ADDRESS });
    await settle(() => door.refuse("account_add", "cancelled"));
    expect(heading()).toBe("Sign in to Example Mail");
    expect(screen.queryByRole("alert")).toBeNull();
  });

  test("app_password_says_what_to_do_first_with_links", async () => {
    const { door } = open();
    await find(door, APP_PASSWORD);
    press("Continue");
    expect(screen.getByText(MESSAGES.en["setup.unavailable.no_client_id"])).toBeDefined();
    expect(screen.getByText(/Switch on access for other programs/)).toBeDefined();
    fireEvent.click(screen.getByRole("link", { name: "Make an app password" }));
    expect(door.opened).toEqual(["https://example.com/app"]);
    const field = screen.getByLabelText<HTMLInputElement>("App password");
    expect(field.type).toBe("password");
    expect(button("Sign in").disabled).toBe(true);
  });

  test("help_of_the_provider_is_linked_unless_a_step_leads_there", async () => {
    const { door } = open();
    const [step, other] = ["https://example.com/imap", "https://example.com/help"];
    const notes = [{ code: "imap_setting", url: step }];
    await find(door, candidate({ notes, help: [step, other] }));
    press("Continue");
    fireEvent.click(screen.getByRole("link", { name: MESSAGES.en["setup.signin.help"] }));
    expect(door.opened).toEqual([other]);
  });

  test("refused_password_comes_back_with_everything_typed", async () => {
    const { door } = open();
    await find(door, candidate());
    press("Continue");
    fill("Password", "wrong");
    press("Sign in");
    await settle(() => door.refuse("account_add", "auth_failed", { host: "imap.example.com" }));
    expect(screen.getByRole("alert").textContent).toContain("imap.example.com did not accept");
    const field = screen.getByLabelText<HTMLInputElement>("Password");
    expect(field.value).toBe("wrong");
    expect(document.activeElement).toBe(field);
    press("Back");
    expect(screen.getByLabelText<HTMLInputElement>("E-mail address").value).toBe(ADDRESS);
  });

  test("servers_by_hand_are_checked_and_sent", async () => {
    const { door } = open();
    await findNothing(door);
    expect(screen.getByRole("alert").textContent).toContain(
      "No servers are known for addresses of example.com",
    );
    expect(screen.getByText("not a known provider: mx.example.com")).toBeDefined();
    press("Enter the servers");
    press("Sign in");
    for (const kind of ["imap", "smtp"]) {
      expect(screen.getByText(`Type the server’s name, as in ${kind}.example.com.`)).toBeDefined();
    }
    const receiving = within(screen.getByRole("group", { name: "Receiving (IMAP)" }));
    fireEvent.change(receiving.getByLabelText("Server"), { target: { value: "mail.example.com" } });
    fireEvent.change(receiving.getByLabelText("Security"), { target: { value: "starttls" } });
    expect(receiving.getByLabelText<HTMLInputElement>("Port").value).toBe("143");
    fireEvent.click(screen.getByRole("checkbox", { name: "Send mail from this account" }));
    fill("Password", "secret");
    press("Sign in");
    expect(door.payload("account_add")).toMatchObject({
      imap: "mail.example.com:143:starttls",
    });
    expect(door.payload("account_add")).not.toHaveProperty("smtp");
    await settle(() =>
      door.refuse("account_add", "connect_refused", { host: "mail.example.com", port: 143 }),
    );
    expect(screen.getByRole("alert").textContent).toContain("port 143");
    const host = within(screen.getByRole("group", { name: "Receiving (IMAP)" })).getByLabelText("Server");
    expect(document.activeElement).toBe(host);
  });

  test("known_account_can_be_gone_on_with", async () => {
    const { door } = open();
    await find(door, candidate());
    press("Continue");
    fill("Password", "secret");
    press("Sign in");
    await settle(() => door.refuse("account_add", "account_exists", { address: ADDRESS }));
    press("Check it and go on");
    expect(door.payload("account_test")).toEqual({ address: ADDRESS, full_loop: false });
  });
});

describe("proofs", () => {
  test("lines_appear_as_proofs_end_with_meaning_and_fixer", async () => {
    const { door } = open();
    await connect(door);
    expect(heading()).toBe("Does it really work?");
    const tell = (proof_: ReturnType<typeof proof>) =>
      settle(() => door.tell({ event: "proof_ended", address: ADDRESS, proof: proof_ }));
    await tell(proof("name-lookup"));
    const failed = proof("tls", {
      result: "failed",
      error: { ...wire("tls_failed", { host: "imap.example.com" }), fixer: "provider" },
    });
    await tell(failed);
    const lines = screen.getAllByRole("listitem");
    expect(lines).toHaveLength(8);
    expect(lines[0]?.textContent).toContain("Name lookup: works");
    expect(lines[0]?.textContent).toContain("12 ms");
    expect(lines[1]?.textContent).toContain("imap.example.com could not be agreed on");
    expect(lines[1]?.textContent).toContain("Whoever runs the server can change this.");
    expect(lines[2]?.textContent).toContain("trying…");
    expect(screen.getByText("2 of 8 proofs have ended.")).toBeDefined();
    expect(button("Continue").disabled).toBe(true);
    await settle(() =>
      door.reply("account_test", {
        address: ADDRESS,
        passed: false,
        proofs: [proof("name-lookup"), failed],
        report: "",
      }),
    );
    expect(screen.getByText(/1 proof failed\. Mail cannot be received/)).toBeDefined();
    press("Try again");
    expect(door.asked.filter(({ name }) => name === "account_test")).toHaveLength(2);
  });
});

async function choose(door: FakeDoor) {
  await connect(door);
  await settle(() => door.reply("account_test", TESTED));
  press("Continue");
  await settle(() => door.reply("folder_list", FOLDERS));
}

describe("choice and load", () => {
  test("parent_is_chosen_without_its_children", async () => {
    const { door } = open();
    await choose(door);
    expect(screen.getByRole<HTMLInputElement>("radio", { name: "3 months" }).checked).toBe(true);
    fireEvent.click(screen.getByRole("radio", { name: "1 week" }));
    fireEvent.click(screen.getByRole("radio", { name: "Only chosen folders" }));
    expect(screen.getByText(MESSAGES.en["setup.choose.parents"])).toBeDefined();
    fireEvent.click(screen.getByRole("checkbox", { name: "Work" }));
    expect(screen.getByRole<HTMLInputElement>("checkbox", { name: "2026" }).checked).toBe(false);
    expect(screen.getByRole<HTMLInputElement>("checkbox", { name: /^Shared/ }).disabled).toBe(true);
    expect(screen.getByText("3 folders chosen")).toBeDefined();
    press("Refresh the list");
    expect(door.payload("folder_list")).toEqual({ address: ADDRESS, refresh: true });
    await settle(() => door.refuse("folder_list", "connection_lost"));
    expect(screen.getByRole("alert").textContent).toContain("broke off");
    press("Load the mail");
    expect(door.payload("account_update")).toEqual({
      address: ADDRESS,
      period: "week",
      folders: ["INBOX", "Sent", "Work"],
    });
  });

  test("inbox_is_offered_when_it_is_readied", async () => {
    const { door, onDone } = open();
    await choose(door);
    press("Load the mail");
    await settle(() => door.reply("account_update", ACCOUNT));
    expect(door.payload("sync_run")).toEqual({ address: ADDRESS });
    fireEvent.click(screen.getByRole("radio", { name: "No notifications" }));
    press("Continue");
    expect(door.payload("account_update")).toEqual({ address: ADDRESS, notify: "none" });
    await settle(() => door.reply("account_update", ACCOUNT));
    fill("Your name", "Anna Nowak");
    press("Continue");
    expect(door.payload("identity_save")).toMatchObject({ address: ADDRESS, name: "Anna Nowak" });
    await settle(() => door.reply("identity_save", ACCOUNT));
    expect(door.payload("account_update")).toEqual({ address: ADDRESS, setup_done: true });
    expect(button("Open the inbox").disabled).toBe(true);
    await settle(() =>
      door.tell({
        event: "sync_progressed",
        address: ADDRESS,
        folder: "INBOX",
        messages: 50,
        messages_total: 200,
        bytes: 1_000_000,
        bytes_total: 4_000_000,
      }),
    );
    expect(screen.getByRole<HTMLProgressElement>("progressbar").value).toBe(0.25);
    expect(screen.getByText("50 of 200")).toBeDefined();
    expect(screen.getByText("1 MB of 4 MB")).toBeDefined();
    await settle(() => door.tell({ event: "inbox_readied", address: ADDRESS, messages: 50 }));
    expect(screen.getByText("50 messages of the inbox can be read.")).toBeDefined();
    press("Open the inbox");
    expect(onDone).toHaveBeenCalledExactlyOnceWith(ADDRESS);
  });
});

describe("what was left", () => {
  test("half_finished_account_is_offered_and_gone_on_with", () => {
    const door = new FakeDoor();
    const accounts = [
      { ...ACCOUNT, setup_done: false },
      { ...ACCOUNT, address: "done@example.com" },
    ];
    render(
      <Translations locale="en">
        <DoorProvider door={door}>
          <SetupWizard onDone={vi.fn<() => void>()} accounts={accounts} />
        </DoorProvider>
      </Translations>,
    );
    expect(screen.queryByText("done@example.com")).toBeNull();
    press("Go on");
    expect(door.payload("account_test")).toEqual({ address: ADDRESS, full_loop: false });
  });

  test("provider_chosen_by_hand_is_learned_and_asked_again", async () => {
    const { door } = open();
    await findNothing(door);
    press("Choose the provider from a list");
    await settle(() =>
      door.reply("provider_list", [
        { id: "gmail", name: "Gmail", has_imap: true },
        { id: "closed", name: "Closed", has_imap: false },
      ]),
    );
    const options = screen.getAllByRole<HTMLOptionElement>("option");
    expect(options.map(({ value, disabled }) => [value, disabled])).toEqual([
      ["", false],
      ["gmail", false],
      ["closed", true],
    ]);
    fireEvent.change(screen.getByLabelText("Provider"), { target: { value: "gmail" } });
    press("Use this provider");
    expect(door.payload("domain_learn")).toEqual({
      domain: "example.com",
      provider: "gmail",
      servers: null,
    });
    await settle(() => door.reply("domain_learn", {}));
    await settle(() => door.reply("account_detect", detection(candidate())));
    expect(screen.getByRole("heading", { name: "Example Mail" })).toBeDefined();
  });

  test("server_is_tried_while_it_is_typed_and_says_why_it_is_silent", async () => {
    vi.useFakeTimers();
    try {
      const { door } = open();
      await findNothing(door);
      press("Enter the servers");
      const receiving = within(screen.getByRole("group", { name: "Receiving (IMAP)" }));
      const type = (value: string) =>
        fireEvent.change(receiving.getByLabelText("Server"), { target: { value } });
      type("mail.example");
      type("mail.example.com");
      await act(() => vi.advanceTimersByTimeAsync(TYPED_MS));
      expect(door.asked.filter(({ name }) => name === "server_probe")).toEqual([
        { name: "server_probe", payload: { protocol: "imap", endpoint: "mail.example.com:993:tls" } },
      ]);
      expect(receiving.getByText("Trying mail.example.com:993…")).toBeDefined();
      const error = wire("connect_refused", { host: "mail.example.com", port: 993 });
      await settle(() => door.reply("server_probe", { answers: false, error, auth: [] }));
      expect(
        receiving.getByText(/does not accept connections on port 993.*993 with TLS or 143 with STARTTLS/),
      ).toBeDefined();
      type("imap.example.com");
      expect(receiving.queryByText(/does not accept/)).toBeNull();
      await act(() => vi.advanceTimersByTimeAsync(TYPED_MS));
      await settle(() => door.reply("server_probe", { answers: true, error: null, auth: ["password"] }));
      expect(receiving.getByText("imap.example.com:993 answers, encrypted.")).toBeDefined();
    } finally {
      vi.useRealTimers();
    }
  });
});

function submit() {
  const form = document.querySelector("form");
  if (form !== null) {
    fireEvent.submit(form);
  }
}

test.each(LOCALES)("journey_in %s _has_words_for_everything", async (locale) => {
  const { door } = open(locale);
  const texts: string[] = [];
  const note = () => texts.push(document.body.textContent);
  note();
  fireEvent.change(screen.getByRole("textbox"), { target: { value: ADDRESS } });
  submit();
  await settle(() => door.reply("account_detect", detection(APP_PASSWORD)));
  note();
  submit();
  note();
  const field = document.querySelector("input[type=password]");
  fireEvent.change(field ?? document.body, { target: { value: "x" } });
  submit();
  note();
  await settle(() => door.reply("account_add", ACCOUNT));
  note();
  await settle(() => door.reply("account_test", TESTED));
  note();
  expect(texts.join("\n")).not.toMatch(/[{}]|undefined|setup\.|error\./);
});
