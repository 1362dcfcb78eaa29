/** The colours of the window, for messages that bring none of their own. */
export interface FrameColours {
  ink: string;
  accent: string;
  line: string;
  font: string;
}

export interface FrameOptions {
  /** True to load the pictures that the sender left on a server. */
  remotePictures: boolean;
  /** The message's own pictures as `data:` addresses, by Content-ID. */
  ownPictures: ReadonlyMap<string, string>;
  colours: FrameColours;
}

/** True when the HTML would show pictures from a server. Counting pixels are not pictures and never load. */
export function hasRemotePictures(html: string): boolean {
  return parse(html).querySelector("[data-remote-src], [data-remote-background]") !== null;
}

/** The kinds of picture that are nothing but points, and so can be shown inside a message. */
export function isPicture(contentType: string): boolean {
  return /^image\/(png|jpe?g|gif|webp|bmp)$/i.test(contentType);
}

/** The Content-IDs of the pictures that the HTML shows. */
export function pictureIds(html: string): Set<string> {
  const images = parse(html).querySelectorAll<HTMLImageElement>("img[src]");
  return new Set([...images].map(contentIdOf).filter((id) => id !== null));
}

/** True when the HTML brings colours: then it is shown on white, as its sender saw it. */
export function bringsColours(html: string): boolean {
  const painted = parse(html).querySelectorAll("[style], [bgcolor], [data-remote-background], font[color]");
  return [...painted].some(
    (element) => !element.hasAttribute("style") || element.matches("[bgcolor]") || styleHasColour(element),
  );
}

function styleHasColour(element: Element): boolean {
  return /(^|[;\s])(background|color)/i.test(element.getAttribute("style") ?? "");
}

/**
 * A whole document for the frame of a message, from the fragment that the core made safe. Its policy lets nothing run
 * and nothing load but pictures: those of the message, and those of a server when they were asked for.
 */
export function messageDocument(html: string, options: FrameOptions): string {
  const page = parse(html);
  for (const image of page.querySelectorAll<HTMLImageElement>("img[src]")) {
    const id = contentIdOf(image);
    if (id !== null) {
      const own = options.ownPictures.get(id);
      if (own === undefined) {
        image.removeAttribute("src");
      } else {
        image.setAttribute("src", own);
      }
    }
  }
  if (options.remotePictures) {
    for (const image of page.querySelectorAll("img[data-remote-src]")) {
      image.setAttribute("src", image.getAttribute("data-remote-src") ?? "");
      image.setAttribute("referrerpolicy", "no-referrer");
    }
    for (const element of page.querySelectorAll("[data-remote-background]")) {
      element.setAttribute("background", element.getAttribute("data-remote-background") ?? "");
    }
  }
  const images = options.remotePictures ? "data: http: https:" : "data:";
  const policy = `default-src 'none'; style-src 'unsafe-inline'; img-src ${images}`;
  const style = bringsColours(html)
    ? sheet("light", "#1d1f1e", "#1f6f5c", "#d0d0d0", options.colours.font, "#fff")
    : ownSheet(options.colours);
  return (
    `<!doctype html><html><head><meta charset="utf-8">` +
    `<meta http-equiv="Content-Security-Policy" content="${policy}">` +
    `<meta name="referrer" content="no-referrer">` +
    `<style>${style}</style></head><body>${page.body.innerHTML}</body></html>`
  );
}

function ownSheet({ ink, accent, line, font }: FrameColours): string {
  return sheet("light dark", ink, accent, line, font, "transparent");
}

function sheet(
  scheme: string,
  ink: string,
  accent: string,
  line: string,
  font: string,
  paper: string,
): string {
  return [
    `:root{color-scheme:${scheme};background:${paper};color:${ink};font:14px/1.5 ${font}}`,
    `html,body{height:auto!important;min-height:0!important}html{overflow-x:auto;overflow-y:hidden}`,
    `body{margin:0;padding:${paper === "transparent" ? "0" : "16px"};overflow-wrap:break-word}`,
    `a{color:${accent}}img{max-width:100%}img:not([src]){display:none}`,
    `img[alt]:not([src]):not([alt=""]){display:inline}`,
    `blockquote{margin:8px 0;padding-left:12px;border-left:2px solid ${line}}`,
    `pre{white-space:pre-wrap}table{max-width:100%}`,
  ].join("");
}

function contentIdOf(image: HTMLImageElement): string | null {
  const source = image.getAttribute("src") ?? "";
  if (!/^cid:/i.test(source)) {
    return null;
  }
  try {
    return decodeURIComponent(source.slice(4));
  } catch {
    return source.slice(4);
  }
}

function parse(html: string): Document {
  return new DOMParser().parseFromString(html, "text/html");
}
