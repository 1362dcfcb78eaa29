import { ChevronDown, ChevronUp } from "lucide-react";
import { GlobalWorkerOptions, getDocument } from "pdfjs-dist";
import type { PDFDocumentProxy, PDFPageProxy } from "pdfjs-dist";
// Vite gives the address of the file.
// oxlint-disable-next-line import/default
import workerUrl from "pdfjs-dist/build/pdf.worker.min.mjs?url";
import { useEffect, useRef, useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import { useDoor } from "../../ipc/context";
import { Loading } from "../../shared/Blank";
import { IconButton } from "../../shared/Button";
import styles from "./PdfView.module.css";

GlobalWorkerOptions.workerSrc = workerUrl;

interface PdfViewProps {
  bytes: Uint8Array<ArrayBuffer>;
  zoom: number;
  name: string;
}

type Opening =
  { state: "opening" } | { state: "open"; pdf: PDFDocumentProxy } | { state: "locked" | "broken" };

interface WebLink {
  url: string;
  /** Left, top, width and height in percent of the page. */
  place: [number, number, number, number];
}

/** A PDF file page by page. Nothing in it runs; its links lead to the browser. */
export default function PdfView({ bytes, zoom, name }: PdfViewProps) {
  const intl = useIntl();
  const [opening, setOpening] = useState<Opening>({ state: "opening" });
  const [number, setNumber] = useState(1);

  useEffect(() => {
    const task = getDocument({
      // The worker takes what it is given away from this side.
      data: bytes.slice(),
      isEvalSupported: false,
      enableXfa: false,
      stopAtErrors: false,
    });
    let wanted = true;
    void (async () => {
      try {
        const pdf = await task.promise;
        if (wanted) {
          setOpening({ state: "open", pdf });
        }
      } catch (error) {
        if (wanted) {
          const isLocked = error instanceof Error && error.name === "PasswordException";
          setOpening({ state: isLocked ? "locked" : "broken" });
        }
      }
    })();
    return () => {
      wanted = false;
      void task.destroy();
    };
  }, [bytes]);

  if (opening.state === "opening") {
    return <Loading label={intl.formatMessage({ id: "app.loading" })} />;
  }
  if (opening.state !== "open") {
    return (
      <p className={styles.broken}>
        <FormattedMessage id={opening.state === "locked" ? "mail.preview.locked" : "mail.preview.broken"} />
      </p>
    );
  }
  const pages = opening.pdf.numPages;
  const go = (to: number) => setNumber(Math.min(pages, Math.max(1, to)));
  return (
    // The keys are those of the whole view, whichever of its buttons has the focus.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
    <div
      className={styles.view}
      onKeyDown={(event) => {
        const steps: Record<string, number> = {
          PageDown: number + 1,
          PageUp: number - 1,
          Home: 1,
          End: pages,
        };
        const to = steps[event.key];
        if (to !== undefined && !(event.target instanceof HTMLInputElement)) {
          event.preventDefault();
          go(to);
        }
      }}
    >
      <Page key={number} pdf={opening.pdf} number={number} zoom={zoom} name={name} />
      {pages > 1 && (
        <div className={styles.pages}>
          <IconButton
            label={intl.formatMessage({ id: "mail.preview.pageBefore" })}
            shortcut="PageUp"
            disabled={number === 1}
            onClick={() => go(number - 1)}
          >
            <ChevronUp size={18} aria-hidden />
          </IconButton>
          {/* The field stands in the sentence. */}
          {/* oxlint-disable-next-line jsx-a11y/label-has-associated-control */}
          <label className={styles.number}>
            <FormattedMessage
              id="mail.preview.page"
              values={{
                field: (
                  <input
                    key={number}
                    inputMode="numeric"
                    defaultValue={number}
                    onBlur={(event) => go(Number.parseInt(event.target.value, 10) || number)}
                    onKeyDown={(event) => {
                      if (event.key === "Enter") {
                        go(Number.parseInt(event.currentTarget.value, 10) || number);
                      }
                    }}
                  />
                ),
                count: intl.formatNumber(pages),
              }}
            />
          </label>
          <IconButton
            label={intl.formatMessage({ id: "mail.preview.pageAfter" })}
            shortcut="PageDown"
            disabled={number === pages}
            onClick={() => go(number + 1)}
          >
            <ChevronDown size={18} aria-hidden />
          </IconButton>
        </div>
      )}
    </div>
  );
}

interface PageProps {
  pdf: PDFDocumentProxy;
  number: number;
  zoom: number;
  name: string;
}

function Page({ pdf, number, zoom, name }: PageProps) {
  const intl = useIntl();
  const door = useDoor();
  const stage = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [page, setPage] = useState<PDFPageProxy | null>(null);
  const [isBroken, setBroken] = useState(false);
  const [links, setLinks] = useState<WebLink[]>([]);
  const [width, setWidth] = useState(0);

  useEffect(() => {
    const element = stage.current;
    if (element === null) {
      return undefined;
    }
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    let wanted = true;
    void (async () => {
      try {
        const loaded = await pdf.getPage(number);
        const found = await webLinks(loaded);
        if (wanted) {
          setPage(loaded);
          setLinks(found);
        }
      } catch {
        if (wanted) {
          setBroken(true);
        }
      }
    })();
    return () => {
      wanted = false;
    };
  }, [pdf, number]);

  // At the usual size a page is as wide as there is room for, and no wider than it is easy to read.
  const own = page?.getViewport({ scale: 1 });
  const fitted = own === undefined || width === 0 ? 0 : Math.min(width - 32, Math.max(own.width * 1.5, 320));
  const shownWidth = fitted * zoom;
  useEffect(() => {
    const target = canvas.current;
    if (page === null || own === undefined || target === null || shownWidth <= 0) {
      return undefined;
    }
    const dense = Math.min(2, window.devicePixelRatio);
    const viewport = page.getViewport({ scale: (shownWidth / own.width) * dense });
    target.width = Math.floor(viewport.width);
    target.height = Math.floor(viewport.height);
    const drawing = page.render({ canvas: target, viewport });
    drawing.promise.catch((error: unknown) => {
      if (!(error instanceof Error && error.name === "RenderingCancelledException")) {
        setBroken(true);
      }
    });
    return () => drawing.cancel();
    // The page's own size does not change while it is the same page.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [page, shownWidth]);

  return (
    // What can be scrolled has to be within reach of the keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div ref={stage} role="region" aria-label={name} tabIndex={0} className={styles.stage}>
      {isBroken && (
        <p className={styles.broken}>
          <FormattedMessage id="mail.preview.broken" />
        </p>
      )}
      {own !== undefined && shownWidth > 0 && !isBroken && (
        <div
          className={styles.page}
          style={{ inlineSize: shownWidth, aspectRatio: `${own.width} / ${own.height}` }}
        >
          <canvas
            ref={canvas}
            role="img"
            aria-label={intl.formatMessage({ id: "mail.preview.pageOf" }, { number, name })}
          />
          {links.map(({ url, place: [left, top, wide, high] }) => (
            <a
              key={`${url} ${left} ${top}`}
              href={url}
              title={url}
              aria-label={url}
              className={styles.link}
              style={{
                insetInlineStart: `${left}%`,
                insetBlockStart: `${top}%`,
                inlineSize: `${wide}%`,
                blockSize: `${high}%`,
              }}
              onClick={(event) => {
                event.preventDefault();
                void door.openExternal(url);
              }}
            />
          ))}
        </div>
      )}
    </div>
  );
}

/** The links of a page that lead to the web; everything else that a page could do is left out. */
async function webLinks(page: PDFPageProxy): Promise<WebLink[]> {
  const viewport = page.getViewport({ scale: 1 });
  const annotations: unknown[] = await page.getAnnotations({ intent: "display" });
  return annotations.flatMap((annotation) => {
    const { subtype, url, rect } = annotation as { subtype?: string; url?: string; rect?: number[] };
    if (subtype !== "Link" || url === undefined || rect === undefined || !/^https?:/i.test(url)) {
      return [];
    }
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = viewport.convertToViewportRectangle(rect) as number[];
    const left = (Math.min(x1, x2) / viewport.width) * 100;
    const top = (Math.min(y1, y2) / viewport.height) * 100;
    const wide = (Math.abs(x2 - x1) / viewport.width) * 100;
    const high = (Math.abs(y2 - y1) / viewport.height) * 100;
    return [{ url, place: [left, top, wide, high] as WebLink["place"] }];
  });
}
