/** Sign-in services that have a profile of their own; every other one is named by its OpenID issuer. */
export const SERVICES = ["google", "microsoft", "yandex", "fastmail"] as const;
export type Service = (typeof SERVICES)[number];

const NAMES: Record<Service, string> = {
  google: "Google",
  microsoft: "Microsoft",
  yandex: "Yandex",
  fastmail: "Fastmail",
};

export const isService = (service: string): service is Service => SERVICES.some((known) => known === service);

/** What people call a service: its name, else its address. */
export function serviceName(service: string): string {
  return isService(service) ? NAMES[service] : service;
}

/** The addresses to enter where the program is registered; the program listens on a port that is free. */
export const REDIRECTS: Record<Service | "openid", readonly string[]> = {
  // Programs of the kind "Desktop app" need none there.
  google: [],
  microsoft: ["http://localhost", "app.mailroom://oauth/callback"],
  yandex: ["http://localhost", "https://oauth.yandex.ru/verification_code"],
  fastmail: ["http://localhost/", "app.mailroom://oauth/callback"],
  openid: ["http://127.0.0.1/callback", "app.mailroom://oauth/callback"],
};

/** The rights that the registration has to ask for. */
export const SCOPES: Record<Service | "openid", readonly string[]> = {
  google: ["https://mail.google.com/"],
  microsoft: ["IMAP.AccessAsUser.All", "SMTP.Send", "offline_access", "openid", "profile", "email"],
  yandex: ["mail:imap_full", "mail:smtp"],
  fastmail: [],
  openid: [],
};

/** Where a program is registered. */
export const CONSOLES: Record<Service | "openid", string | null> = {
  google: "https://console.cloud.google.com/auth/overview",
  microsoft: "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade",
  yandex: "https://oauth.yandex.ru/client/new",
  fastmail: null,
  openid: null,
};
