//! What a person sees and does in the page.

use std::path::Path;
use std::time::Duration;

use fantoccini::Client;
use fantoccini::elements::{Element, ElementRef};
use serde_json::{Value, json};

use super::WindowError;

/// Finds an element by role and name.
const FIND: &str = include_str!("page.js");
/// Answers when what is in the page now has been painted; a page that has stopped painting shows what it shows.
const PAINTED: &str = "const [done] = arguments; setTimeout(done, 3000); \
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)));";
/// How long something may take to appear on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);
/// Under this name an answer holds the reference to an element (WebDriver §11).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
/// The pause between two looks.
const STEP: Duration = Duration::from_millis(40);

/// The page of the window.
#[derive(Clone, Debug)]
pub struct Page {
    client: Client,
}

/// An element that was found.
#[derive(Clone, Debug)]
pub struct Found(Element);

impl Page {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Waits for the element of this role whose name contains `name`.
    ///
    /// # Errors
    /// It does not come; the error shows what the page shows instead.
    pub async fn find(&self, role: &str, name: &str) -> Result<Found, WindowError> {
        self.wait_for(role, name, false).await
    }

    /// Waits for the element of this role whose name is `name`.
    ///
    /// # Errors
    /// It does not come.
    pub async fn find_exactly(&self, role: &str, name: &str) -> Result<Found, WindowError> {
        self.wait_for(role, name, true).await
    }

    /// Waits for it and presses it.
    ///
    /// # Errors
    /// It does not come, or lies under something else for too long.
    pub async fn press(&self, role: &str, name: &str) -> Result<(), WindowError> {
        let mut last = None;
        // A page that is just changing may replace the element between finding and pressing, and what is not yet possible
        // is pressed in vain.
        for _ in 0..PATIENCE.as_millis() / STEP.as_millis() {
            let element = self.find(role, name).await?.0;
            let pressed = match element.is_enabled().await {
                Ok(true) => element.click().await,
                Ok(false) => {
                    tokio::time::sleep(STEP).await;
                    continue;
                }
                Err(error) => Err(error),
            };
            match pressed {
                Ok(()) => return Ok(()),
                Err(error) => last = Some(error),
            }
            tokio::time::sleep(STEP).await;
        }
        match last {
            Some(error) => Err(error.into()),
            None => Err(self.not_there(&format!("{role} {name:?} to be possible")).await),
        }
    }

    /// Waits for the field and types into it, after what is in it.
    ///
    /// # Errors
    /// It does not come.
    pub async fn fill(&self, name: &str, text: &str) -> Result<(), WindowError> {
        Ok(self.find("textbox", name).await?.0.send_keys(text).await?)
    }

    /// Types where the focus is.
    ///
    /// # Errors
    /// Nothing has the focus.
    pub async fn type_keys(&self, keys: &str) -> Result<(), WindowError> {
        Ok(self.client.active_element().await?.send_keys(keys).await?)
    }

    /// Waits until a script's answer is true (or anything but false, null and 0), and gives it back.
    ///
    /// # Errors
    /// It never is; `what` says what was waited for.
    pub async fn until(&self, what: &str, script: &str) -> Result<Value, WindowError> {
        let looks = PATIENCE.as_millis() / STEP.as_millis();
        for _ in 0..looks {
            let answer = self.client.execute(script, Vec::new()).await?;
            if !matches!(answer, Value::Null | Value::Bool(false)) && answer != json!(0) {
                return Ok(answer);
            }
            tokio::time::sleep(STEP).await;
        }
        Err(self.not_there(what).await)
    }

    /// Waits until `text` stands somewhere in the page.
    ///
    /// # Errors
    /// It never does.
    pub async fn sees(&self, text: &str) -> Result<(), WindowError> {
        let script = format!("return document.body.innerText.includes({})", json!(text));
        self.until(text, &script).await.map(drop)
    }

    /// Waits until `text` stands nowhere in the page.
    ///
    /// # Errors
    /// It stays.
    pub async fn no_longer_sees(&self, text: &str) -> Result<(), WindowError> {
        let script = format!("return !document.body.innerText.includes({})", json!(text));
        self.until(&format!("{text} to go"), &script).await.map(drop)
    }

    /// The words that the page shows.
    ///
    /// # Errors
    /// The driver refuses.
    pub async fn words(&self) -> Result<String, WindowError> {
        let words = self
            .client
            .execute("return document.body.innerText", Vec::new())
            .await?;
        Ok(words.as_str().unwrap_or_default().to_owned())
    }

    /// Saves a PNG of the page as it is painted.
    ///
    /// # Errors
    /// The driver or the disk refuses.
    pub async fn picture(&self, file: &Path) -> Result<(), WindowError> {
        self.until(
            "the first paint",
            "return performance.getEntriesByType('paint').length",
        )
        .await?;
        self.client.execute_async(PAINTED, Vec::new()).await?;
        let png = self.client.screenshot().await?;
        std::fs::write(file, png).map_err(|source| WindowError::desktop(file.display().to_string(), source))
    }

    async fn wait_for(&self, role: &str, name: &str, exact: bool) -> Result<Found, WindowError> {
        let looks = PATIENCE.as_millis() / STEP.as_millis();
        for _ in 0..looks {
            let arguments = vec![json!(role), json!(name), json!(exact)];
            let answer = self.client.execute(FIND, arguments).await?;
            if let Some(id) = answer.get(ELEMENT).and_then(Value::as_str) {
                let reference = ElementRef::from(id.to_owned());
                return Ok(Found(Element::from_element_id(self.client.clone(), reference)));
            }
            tokio::time::sleep(STEP).await;
        }
        Err(self.not_there(&format!("{role} {name:?}")).await)
    }

    async fn not_there(&self, what: &str) -> WindowError {
        WindowError::NotThere {
            what: what.to_owned(),
            page: self.words().await.unwrap_or_default(),
        }
    }
}

impl Found {
    /// Presses it.
    ///
    /// # Errors
    /// It lies under something else, or is gone.
    pub async fn press(&self) -> Result<(), WindowError> {
        Ok(self.0.click().await?)
    }

    /// Types into it.
    ///
    /// # Errors
    /// It takes no keys, or is gone.
    pub async fn type_keys(&self, keys: &str) -> Result<(), WindowError> {
        Ok(self.0.send_keys(keys).await?)
    }

    /// Its words.
    ///
    /// # Errors
    /// It is gone.
    pub async fn words(&self) -> Result<String, WindowError> {
        Ok(self.0.text().await?)
    }
}
