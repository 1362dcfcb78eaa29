import { CircleAlert, CircleCheck, CircleDashed, KeyRound } from "lucide-react";
import { useIntl } from "react-intl";

import { SIGN_NAMES } from "./sign";
import type { Sign } from "./sign";
import styles from "./StateSign.module.css";

const SHAPES = { works: CircleCheck, unproved: CircleDashed, "sign-in": KeyRound, trouble: CircleAlert };

/** How an account is, as a shape with a colour and words. */
export function StateSign({ sign }: { sign: Sign }) {
  const intl = useIntl();
  const Shape = SHAPES[sign];
  const words = intl.formatMessage({ id: SIGN_NAMES[sign] });
  return (
    <span className={styles[sign]} role="img" aria-label={words} title={words}>
      <Shape size={14} strokeWidth={2.4} aria-hidden />
    </span>
  );
}
