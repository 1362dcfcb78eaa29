import type { Screen } from "../screens";
import { FINDING } from "./finding";
import { LOADING } from "./loading";
import { PROVING } from "./proving";
import { SIGNING_IN } from "./signingIn";

/** The branches of the wizard that the servers of a test do not bring about by themselves: the core's part is written down. */
export const BRANCHES: readonly Screen[] = [...FINDING, ...SIGNING_IN, ...PROVING, ...LOADING];
