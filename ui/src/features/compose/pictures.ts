import { Image } from "@tiptap/extension-image";

/** Where the editor finds the bytes of a picture of the draft, by its `cid:` address. */
export type PictureSource = (src: string) => Promise<string | null>;

/**
 * A picture that is a file of the draft. The text names it by its Content-ID (`cid:`, RFC 2392) and so does the
 * message; what is shown comes from the core. Pictures of a network are not taken: they would load.
 */
export function pictureExtension(source: PictureSource, label: string) {
  return Image.extend({
    inline: true,
    group: "inline",
    parseHTML: () => [{ tag: 'img[src^="cid:"]' }],
    addNodeView() {
      return ({ node }) => {
        const dom = document.createElement("img");
        dom.draggable = true;
        let shown = "";
        const show = (src: string, alt: unknown) => {
          dom.alt = typeof alt === "string" && alt !== "" ? alt : label;
          if (src === shown) {
            return;
          }
          shown = src;
          void (async () => {
            const url = await source(src);
            if (url !== null && shown === src) {
              dom.src = url;
            }
          })();
        };
        show(String(node.attrs["src"]), node.attrs["alt"]);
        return {
          dom,
          update: (next) => {
            if (next.type !== node.type) {
              return false;
            }
            show(String(next.attrs["src"]), next.attrs["alt"]);
            return true;
          },
        };
      };
    },
  }).configure({ inline: true });
}

/** What the editor shows of pictures: at once those that came from here, the others when the core has given them. */
export class PictureDesk {
  #source: PictureSource;
  readonly #own = new Map<string, Promise<string | null>>();

  constructor(source: PictureSource) {
    this.#source = source;
  }

  /** Says where the bytes of the draft's files are. */
  ask(source: PictureSource): void {
    this.#source = source;
  }

  /** Remembers what to show for a picture that came from here. */
  put(address: string, url: Promise<string | null>): void {
    this.#own.set(address, url);
  }

  /** The picture has a lasting address now. */
  rename(before: string, after: string): void {
    const url = this.#own.get(before);
    if (url !== undefined) {
      this.#own.set(after, url);
    }
  }

  show = (address: string): Promise<string | null> => this.#own.get(address) ?? this.#source(address);
}
