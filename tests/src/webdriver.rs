//! A client of WebDriver (W3C Recommendation of 2018), as far as a journey through a page needs it.

use std::io;
use std::time::Duration;

use serde_json::{Value, json};
use url::Url;

use crate::http::{self, Response};
use crate::until;

/// How long something may take to come on a busy machine. Nothing waits longer than it has to.
const PATIENCE: Duration = Duration::from_secs(60);

/// The key under which the wire names an element (section 11.2.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Why a step of a journey failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebDriverError {
    /// The driver did not answer.
    #[error("the driver does not answer")]
    NoAnswer(#[from] io::Error),
    /// The driver refused.
    #[error("{error}: {message}")]
    Refused {
        /// The error code of section 6.6.
        error: String,
        /// Its words.
        message: String,
    },
    /// Something did not come.
    #[error("{what} did not come; the page says:\n{page}")]
    NotThere {
        /// What was waited for.
        what: String,
        /// The text of the page.
        page: String,
    },
}

/// A program under a driver. It ends when this is dropped.
#[derive(Debug)]
pub struct Window {
    session: Url,
}

/// An element of the page.
#[derive(Clone, Debug)]
pub struct Element<'a> {
    window: &'a Window,
    id: String,
}

impl Window {
    /// Lets the driver at `driver` start a program.
    pub fn open(driver: &Url, capabilities: &Value) -> Result<Self, WebDriverError> {
        let request = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let value = read(http::post_json(&join(driver, "session"), &request)?)?;
        let id = value["sessionId"].as_str().unwrap_or_default();
        Ok(Self {
            session: join(driver, &format!("session/{id}")),
        })
    }

    /// Runs a function's body in the page.
    pub fn run(&self, script: &str, arguments: &Value) -> Result<Value, WebDriverError> {
        self.post("execute/sync", &json!({ "script": script, "args": arguments }))
    }

    /// What a reader sees of the page, as text.
    pub fn text(&self) -> String {
        self.run("return document.body.innerText", &json!([]))
            .ok()
            .and_then(|text| text.as_str().map(str::to_owned))
            .unwrap_or_default()
    }

    /// Waits until an XPath expression names an element that is shown and can be used.
    pub fn find(&self, xpath: &str) -> Result<Element<'_>, WebDriverError> {
        // `checkVisibility` leaves out what is hidden; a button that is switched off is not there yet.
        const FIRST: &str = "const found = document.evaluate(arguments[0], document, null, 7, null); \
             for (let at = 0; at < found.snapshotLength; at += 1) { const element = found.snapshotItem(at); \
             if (element.checkVisibility() && !element.disabled) return element; } return null";
        let mut found = Ok(Value::Null);
        until(PATIENCE, || {
            found = self.run(FIRST, &json!([xpath]));
            !matches!(found, Ok(Value::Null))
        });
        match found?.get(ELEMENT).and_then(Value::as_str) {
            Some(id) => Ok(Element {
                window: self,
                id: id.to_owned(),
            }),
            None => Err(self.not_there(xpath)),
        }
    }

    /// Waits until the page says this.
    pub fn see(&self, text: &str) -> Result<(), WebDriverError> {
        self.wait(text, |window| window.text().contains(text))
    }

    /// Waits for a condition; `what` is for the error.
    pub fn wait(&self, what: &str, mut holds: impl FnMut(&Self) -> bool) -> Result<(), WebDriverError> {
        if until(PATIENCE, || holds(self)) {
            return Ok(());
        }
        Err(self.not_there(what))
    }

    /// The button or link with this name.
    pub fn button(&self, name: &str) -> Result<Element<'_>, WebDriverError> {
        let name = quoted(name);
        self.find(&format!(
            "//*[self::button or self::a or @role='button' or @role='option' or @role='row' or @role='menuitem']\
             [normalize-space(.)={name} or @aria-label={name} or @title={name}]"
        ))
    }

    /// The field with this label.
    pub fn field(&self, label: &str) -> Result<Element<'_>, WebDriverError> {
        let label = quoted(label);
        self.find(&format!(
            "//*[self::input or self::textarea or self::select or @contenteditable='true']\
             [@id=//label[normalize-space(.)={label}]/@for or ancestor::label[normalize-space(.)={label}] \
             or @aria-label={label} or @aria-labelledby=//*[normalize-space(.)={label}]/@id]"
        ))
    }

    /// Types where the keyboard is, as a person does; `\u{E007}` is Enter (section 17.4.2).
    pub fn type_keys(&self, keys: &str) -> Result<(), WebDriverError> {
        let strokes: Vec<Value> = keys
            .chars()
            .flat_map(|key| {
                let key = key.to_string();
                [json!({ "type": "keyDown", "value": key }), json!({ "type": "keyUp", "value": key })]
            })
            .collect();
        let actions = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": strokes }] });
        self.post("actions", &actions).map(drop)
    }

    /// A picture of the page, PNG in base64.
    pub fn picture(&self) -> Result<String, WebDriverError> {
        let value = read(http::get(&join(&self.session, "screenshot"), &[])?)?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value, WebDriverError> {
        read(http::post_json(&join(&self.session, path), body)?)
    }

    fn not_there(&self, what: &str) -> WebDriverError {
        WebDriverError::NotThere {
            what: what.to_owned(),
            page: self.text(),
        }
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        drop(http::delete(&self.session));
    }
}

impl Element<'_> {
    /// Presses it.
    pub fn press(&self) -> Result<(), WebDriverError> {
        self.window
            .post(&format!("element/{}/click", self.id), &json!({}))
            .map(drop)
    }

    /// Types into it.
    pub fn write(&self, text: &str) -> Result<(), WebDriverError> {
        let body = json!({ "text": text });
        self.window
            .post(&format!("element/{}/value", self.id), &body)
            .map(drop)
    }

    /// Its text.
    pub fn text(&self) -> Result<String, WebDriverError> {
        let url = join(&self.window.session, &format!("element/{}/text", self.id));
        let value = read(http::get(&url, &[])?)?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }
}

fn join(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url
}

fn read(response: Response) -> Result<Value, WebDriverError> {
    let value = response.json()["value"].take();
    if response.status == 200 {
        return Ok(value);
    }
    let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
    Err(WebDriverError::Refused {
        error: text("error"),
        message: text("message"),
    })
}

/// A text as an XPath literal, which has no escapes.
fn quoted(text: &str) -> String {
    if text.contains('"') {
        let parts: Vec<_> = text.split('"').map(|part| format!("\"{part}\"")).collect();
        return format!("concat({})", parts.join(", '\"', "));
    }
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_any_kind_becomes_a_literal() {
        assert_eq!(quoted("It’s 'here'"), "\"It’s 'here'\"");
        assert_eq!(quoted("a\"b"), "concat(\"a\", '\"', \"b\")");
    }

    #[test]
    fn path_is_added_to_a_base_with_or_without_one() {
        let base = Url::parse("http://127.0.0.1:4444").unwrap();
        assert_eq!(join(&base, "session").as_str(), "http://127.0.0.1:4444/session");
        let session = join(&base, "session/7");
        assert_eq!(join(&session, "url").as_str(), "http://127.0.0.1:4444/session/7/url");
    }
}
