//! Typed values that are kept as JSON objects. Another version of the program may have written the object: what this one
//! does not know stays in it, and what it cannot read counts as not said.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// What an object says, field by field; the default where it says nothing that can be read.
pub(crate) fn read<T: Default + Serialize + DeserializeOwned>(stored: &Value) -> T {
    let mut known = fields(&T::default());
    let names: Vec<String> = known.keys().cloned().collect();
    for name in names {
        if let Some(value) = stored.get(&name) {
            let mut tried = known.clone();
            tried.insert(name, value.clone());
            if serde_json::from_value::<T>(Value::Object(tried.clone())).is_ok() {
                known = tried;
            }
        }
    }
    serde_json::from_value(Value::Object(known)).unwrap_or_default()
}

/// Writes what differs from the default into an object, so that a better default reaches everybody who never chose.
pub(crate) fn write<T: Default + Serialize>(stored: &mut Value, value: &T) {
    if !stored.is_object() {
        *stored = Value::Object(Map::new());
    }
    let defaults = fields(&T::default());
    if let Some(stored) = stored.as_object_mut() {
        for (name, value) in fields(value) {
            if defaults.get(&name) == Some(&value) {
                stored.remove(&name);
            } else {
                stored.insert(name, value);
            }
        }
    }
}

fn fields<T: Serialize>(value: &T) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Lamp {
        on: bool,
        brightness: Option<u8>,
    }

    impl Default for Lamp {
        fn default() -> Self {
            Self {
                on: true,
                brightness: Some(5),
            }
        }
    }

    #[test]
    fn object_is_read_as_far_as_it_is_understood() {
        let lamp = |on, brightness| Lamp { on, brightness };
        let cases = [
            (json!({}), lamp(true, Some(5))),
            (json!(null), lamp(true, Some(5))),
            (json!({"on": false, "colour": "red"}), lamp(false, Some(5))),
            (json!({"on": "dimmed", "brightness": 7}), lamp(true, Some(7))),
            (json!({"brightness": null}), lamp(true, None)),
            (json!({"brightness": 700}), lamp(true, Some(5))),
        ];
        for (stored, expected) in cases {
            assert_eq!(read::<Lamp>(&stored), expected, "{stored}");
        }
    }

    #[test]
    fn object_keeps_what_is_not_understood_and_forgets_what_is_the_default() {
        let mut stored = json!({"colour": "red", "on": false});
        write(
            &mut stored,
            &Lamp {
                on: true,
                brightness: None,
            },
        );
        assert_eq!(stored, json!({"colour": "red", "brightness": null}));
        let mut nothing = Value::Null;
        write(&mut nothing, &Lamp::default());
        assert_eq!(nothing, json!({}));
    }
}
