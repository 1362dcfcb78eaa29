import { useRef, useState } from "react";
import type { KeyboardEvent, PointerEvent } from "react";

import styles from "./Splitter.module.css";

interface SplitterProps {
  /** What it parts, for a screen reader. */
  label: string;
  /** Width of the pane before it, in pixels. */
  value: number;
  min: number;
  max: number;
  onChange: (value: number) => void;
}

/** Pixels of one press of an arrow key. */
const STEP = 16;

/** The line between two panes, which can be moved by pointer and by keys. */
export function Splitter({ label, value, min, max, onChange }: SplitterProps) {
  const start = useRef<{ x: number; value: number } | null>(null);
  const [isMoving, setMoving] = useState(false);
  const limit = (wanted: number) => Math.round(Math.min(max, Math.max(min, wanted)));

  const press = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowLeft: value - STEP,
      ArrowRight: value + STEP,
      Home: min,
      End: max,
    };
    const to = steps[event.key];
    if (to !== undefined) {
      event.preventDefault();
      onChange(limit(to));
    }
  };
  const down = (event: PointerEvent) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    start.current = { x: event.clientX, value };
    setMoving(true);
  };
  const move = (event: PointerEvent) => {
    if (start.current !== null) {
      onChange(limit(start.current.value + event.clientX - start.current.x));
    }
  };
  const up = () => {
    start.current = null;
    setMoving(false);
  };
  return (
    // A separator that can be moved is a control (WAI-ARIA 1.2).
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuemin={min}
      aria-valuemax={max}
      aria-valuenow={value}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      className={styles.splitter}
      data-moving={isMoving ? "" : undefined}
      onKeyDown={press}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={up}
    />
  );
}
