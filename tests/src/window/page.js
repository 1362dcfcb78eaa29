// Finds what a person would point at: an element by its role and its name, as assistive technology tells them.
const [role, name, exact] = arguments;
const SELECTORS = {
  button: "button, [role=button], summary",
  link: "a[href], [role=link]",
  textbox: "input:not([type]), input[type=text], input[type=email], input[type=password], input[type=url], input[type=number], textarea, [contenteditable=true], [role=textbox], [role=combobox], [role=searchbox], input[type=search]",
  heading: "h1, h2, h3, h4, [role=heading]",
  checkbox: "input[type=checkbox], [role=checkbox], [role=switch], input[role=switch]",
  radio: "input[type=radio], [role=radio]",
  row: "[role=row], [role=option], tr",
  dialog: "dialog, [role=dialog], [role=alertdialog]",
  menuitem: "[role=menuitem], [role=menuitemradio], [role=menuitemcheckbox]",
  treeitem: "[role=treeitem]",
  tab: "[role=tab]",
  text: "body *",
};
const words = (text) => (text ?? "").replace(/\s+/g, " ").trim();
const nameOf = (element) => {
  const labelledBy = element.getAttribute("aria-labelledby");
  if (labelledBy !== null) {
    return words(labelledBy.split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join(" "));
  }
  const own = element.getAttribute("aria-label");
  if (own !== null) return words(own);
  if (element.labels?.length > 0) return words([...element.labels].map((label) => label.textContent).join(" "));
  return words(element.textContent) || words(element.getAttribute("title")) || words(element.getAttribute("placeholder"));
};
const isShown = (element) => {
  const box = element.getBoundingClientRect();
  const isInput = element.matches("input[type=checkbox], input[type=radio]");
  return (isInput || (box.width > 0 && box.height > 0)) && getComputedStyle(element).visibility !== "hidden"
    && element.closest("[aria-hidden=true], [inert]") === null;
};
const matches = (text) => (exact ? text === name : text.includes(name));
const found = [...document.querySelectorAll(SELECTORS[role] ?? `[role="${role}"]`)]
  .filter((element) => isShown(element) && matches(nameOf(element)));
// Of nested elements with the same words the innermost is meant.
return (role === "text" ? found.at(-1) : found[0]) ?? null;
