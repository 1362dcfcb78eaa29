/** The whole address of a typed one, which may lack its scheme; `null` when it is none that a signature may lead to. */
export function webAddress(typed: string): string | null {
  const text = typed.trim();
  if (text === "" || /\s/u.test(text)) {
    return null;
  }
  const isMail = /^[^@:/]+@[^@:/]+\.[^@:/]+$/u.test(text);
  const whole = isMail ? `mailto:${text}` : /^[a-z][a-z0-9+.-]*:/iu.test(text) ? text : `https://${text}`;
  try {
    const { protocol, hostname } = new URL(whole);
    const isWeb = (protocol === "https:" || protocol === "http:") && hostname.includes(".");
    return isWeb || protocol === "mailto:" || protocol === "tel:" ? whole : null;
  } catch {
    return null;
  }
}
