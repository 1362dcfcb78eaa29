import { configure } from "@testing-library/react";

// How long a page may take to show what a test waits for; a second is too short on a busy machine.
configure({ asyncUtilTimeout: 20_000 });
