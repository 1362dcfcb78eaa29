/** Styles that mail programs need written out, since a message brings no style sheet. */
const STYLES: Readonly<Record<string, string>> = {
  p: "margin:0",
  blockquote: "margin:0 0 0 0.8ex;padding-left:1ex;border-left:2px solid #c4c4c4",
  pre: "padding:8px 12px;background:#f3f1ed;white-space:pre-wrap",
  code: "font-family:monospace",
  img: "max-width:100%;height:auto",
};

/** A picture that stands in the text and is not a file of the draft yet. */
export const PENDING = "cid:pending-";

export function parseHtml(html: string): HTMLElement {
  return new DOMParser().parseFromString(html, "text/html").body;
}

/** The editor's HTML as it goes into a message: simple elements, styles written out, pictures of the message only. */
export function mailHtml(html: string): string {
  const body = parseHtml(html);
  for (const [name, style] of Object.entries(STYLES)) {
    for (const element of body.querySelectorAll(name)) {
      element.setAttribute("style", style);
    }
  }
  for (const line of body.querySelectorAll("p:empty")) {
    line.append(document.createElement("br"));
  }
  for (const image of body.querySelectorAll("img")) {
    const source = image.getAttribute("src") ?? "";
    if (!source.startsWith("cid:") || source.startsWith(PENDING)) {
      image.remove();
    }
  }
  for (const link of body.querySelectorAll("a")) {
    link.removeAttribute("target");
    link.removeAttribute("rel");
    link.removeAttribute("class");
  }
  return body.innerHTML;
}

/** True when nothing stands in the editor's HTML that somebody could see. */
export function isEmptyHtml(html: string): boolean {
  const body = parseHtml(html);
  return body.textContent.trim() === "" && body.querySelector("img, hr") === null;
}

/** True when the HTML says more than plain text can. */
export function hasFormatting(html: string): boolean {
  const body = parseHtml(html);
  const said =
    "b, strong, i, em, u, s, strike, del, code, pre, ul, ol, blockquote, h1, h2, h3, h4, img, hr, table, font";
  const links = [...body.querySelectorAll("a[href]")];
  return (
    body.querySelector(said) !== null ||
    links.some((link) => bareUrl(link.getAttribute("href") ?? "") !== bareUrl(link.textContent))
  );
}

/** Plain text as the editor's HTML: every line a paragraph. */
export function htmlOf(text: string): string {
  return text
    .split("\n")
    .map((line) => {
      const paragraph = document.createElement("p");
      paragraph.textContent = line;
      return paragraph.outerHTML;
    })
    .join("");
}

const BLOCKS = new Set(
  "address article aside blockquote center dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li main ol p pre section table tbody thead tr ul".split(
    " ",
  ),
);

/** What HTML says in plain text: a line for each block, lists with signs, quotes with `>`, links with their address. */
export function plainOf(html: string): string {
  return linesOf(parseHtml(html))
    .join("\n")
    .replace(/^\n+|\s+$/g, "");
}

function linesOf(parent: Element): string[] {
  const lines: string[] = [];
  let line = "";
  let isOpen = false;
  const end = () => {
    if (isOpen) {
      lines.push(line.trimEnd());
    }
    line = "";
    isOpen = false;
  };
  const add = (text: string) => {
    line += text;
    isOpen = true;
  };
  const walk = (node: Node) => {
    for (const child of node.childNodes) {
      if (child instanceof Text) {
        const keepsSpaces = child.parentElement?.closest("pre, [style*=pre-wrap]") !== null;
        const text = keepsSpaces ? child.data : child.data.replace(/[ \t\r\n\f]+/g, " ");
        if (keepsSpaces && text.includes("\n")) {
          const [first = "", ...rest] = text.split("\n");
          add(first);
          for (const next of rest) {
            end();
            add(next);
          }
        } else if (text !== " " || line !== "") {
          add(line === "" && !keepsSpaces ? text.trimStart() : text);
        }
      } else if (child instanceof Element) {
        element(child, child.localName);
      }
    }
  };
  const block = (inner: string[]) => {
    end();
    lines.push(...inner);
  };
  const element = (child: Element, name: string) => {
    if (name === "br") {
      isOpen = true;
      end();
    } else if (name === "hr") {
      block(["----------"]);
    } else if (name === "style" || name === "script" || name === "title") {
      return;
    } else if (name === "img") {
      const text = child.getAttribute("alt") ?? "";
      if (text !== "") {
        add(`[${text}]`);
      }
    } else if (name === "blockquote") {
      block(quoted(linesOf(child)));
    } else if (name === "ul" || name === "ol") {
      block(listLines(child, name === "ol"));
    } else if (name === "a") {
      add(linkText(child));
    } else if (name === "td" || name === "th") {
      if (line !== "") {
        add(" ");
      }
      add(linesOf(child).join(" ").trim());
    } else if (name === "p" || name.startsWith("h")) {
      const inner = linesOf(child);
      block(inner.length === 0 ? [""] : inner);
    } else if (BLOCKS.has(name)) {
      block(linesOf(child));
    } else {
      walk(child);
    }
  };
  walk(parent);
  end();
  return lines;
}

function listLines(list: Element, isOrdered: boolean): string[] {
  const start = Number(list.getAttribute("start") ?? 1);
  return [...list.children].flatMap((item, index) => {
    const sign = isOrdered ? `${start + index}. ` : "- ";
    return linesOf(item)
      .filter((text, at) => text !== "" || at > 0)
      .map((text, at) => (at === 0 ? sign : " ".repeat(sign.length)) + text);
  });
}

function linkText(link: Element): string {
  const text = linesOf(link).join(" ").trim();
  const url = (link.getAttribute("href") ?? "").replace(/^mailto:/i, "");
  const isSame = url === "" || text === "" || bareUrl(url) === bareUrl(text);
  return isSame ? text || url : `${text} <${url}>`;
}

function bareUrl(url: string): string {
  return url.replace(/^https?:\/\//i, "").replace(/\/$/, "");
}

/** Lines as a quote (RFC 3676 §4.5): no space between the signs of nested quotes. */
export function quoted(lines: readonly string[]): string[] {
  return lines.map((line) => (line.startsWith(">") ? `>${line}` : `> ${line}`.trimEnd()));
}
