//! Asking one input: a file or a web server, for a JSON text in which a value stands.

use std::time::{SystemTime, UNIX_EPOCH};

use baseload_client::units;
use baseload_primitives::{Moment, SECOND};
use futures::future::join_all;
use serde_json::Value;
use tokio::io::AsyncReadExt;

use super::{
	combine::Quoted,
	config::{Config, Input, Place},
	decimal,
	web::{Web, LARGEST},
};

/// Unix times up to here are seconds, beyond they are milliseconds: 30 December 5138, and 2 March 1973.
const MOST_SECONDS: u64 = 99_999_999_999;

/// No text of an answer is quoted longer than this, in characters.
const QUOTED: usize = 40;

/// This machine's time, Unix milliseconds; zero before 1970.
pub fn now() -> Moment {
	let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
	u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Asks an input once. The error is a sentence that says what was found and what was expected.
pub async fn ask(input: &Input, web: &Web) -> Result<Quoted, String> {
	match &input.source {
		Place::Http(url) => {
			let body = web.get(url).await?;
			read(input, &url.shown(), &body, now())
		}
		Place::File(path) => {
			let place = path.display().to_string();
			let failed = |error: std::io::Error| format!("{place}: {error}");
			let file = tokio::fs::File::open(&**path).await.map_err(failed)?;
			let written = file
				.metadata()
				.await
				.and_then(|metadata| metadata.modified())
				.map_err(failed)?;
			let written = written.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
			let mut body = Vec::new();
			file.take(LARGEST as u64 + 1)
				.read_to_end(&mut body)
				.await
				.map_err(failed)?;
			if body.len() > LARGEST {
				return Err(format!("{place} is larger than {LARGEST} bytes"));
			}
			read(input, &place, &body, u64::try_from(written).unwrap_or(u64::MAX))
		}
	}
}

/// Asks all inputs of all prices once, for `check`: their names, and what they say or why they do not.
pub async fn check(config: &Config) -> Vec<(String, Result<String, String>)> {
	let web = Web::new().map_err(|error| format!("{error:#}"));
	let inputs = config.prices.iter().flat_map(|price| {
		let of = price.of.get_ref().name();
		price.inputs.iter().map(move |input| (of, input))
	});
	let asked = inputs.map(|(of, input)| {
		let web = web.clone();
		async move {
			let quoted = match &web {
				Ok(web) => ask(input, web).await,
				Err(error) => Err(error.clone()),
			};
			let said = quoted.map(|quoted| {
				let (price, at) = (
					units::format_price(quoted.price),
					units::format_time(quoted.observed_at),
				);
				format!("{price}, observed {at}")
			});
			(format!("{of}: {}", input.name.get_ref()), said)
		}
	});
	join_all(asked).await
}

/// The value in a JSON text. `otherwise` is when it was observed if the text does not tell.
fn read(input: &Input, place: &str, body: &[u8], otherwise: Moment) -> Result<Quoted, String> {
	let text: Value = serde_json::from_slice(body).map_err(|error| format!("{place} is no JSON text: {error}"))?;
	let at = |pointer: &str| {
		let found = text.pointer(pointer);
		found.ok_or_else(|| format!("{place} has nothing at \"{pointer}\"; expected a value there"))
	};
	let value = at(input.value.as_str())?;
	let number = match value {
		Value::Number(number) => number.to_string(),
		Value::String(number) => number.clone(),
		other => {
			return Err(format!(
				"{place} has {} at \"{}\"; expected a number",
				shown(other),
				input.value
			))
		}
	};
	let price = decimal::parse(number.trim(), input.unit.get_ref().shift())
		.map_err(|why| format!("{place}: {} at \"{}\" {why}", shown(value), input.value))?;
	let observed_at = match &input.observed_at {
		None => otherwise,
		Some(pointer) => {
			let value = at(pointer.as_str())?;
			moment(value).ok_or_else(|| {
				format!(
					"{place} has {} at \"{pointer}\"; expected Unix seconds or milliseconds, or a UTC date and time such as \
					 2026-01-31T12:00:00Z",
					shown(value)
				)
			})?
		}
	};
	Ok(Quoted { price, observed_at })
}

/// A time, as JSON texts have it: Unix seconds or milliseconds as a number or text, or a UTC date and time.
fn moment(value: &Value) -> Option<Moment> {
	let unix = |number: u64| match number {
		0..=MOST_SECONDS => number * SECOND,
		millis => millis,
	};
	match value {
		Value::Number(number) => {
			let whole = || {
				number
					.as_f64()
					.filter(|seconds| (0.0..=MOST_SECONDS as f64).contains(seconds))
			};
			number.as_u64().map(unix).or_else(|| Some((whole()? * 1_000.0) as u64))
		}
		Value::String(text) => match text.parse() {
			Ok(number) => Some(unix(number)),
			Err(_) => units::parse_time(&text.replace("+00:00", "Z")).ok(),
		},
		_ => None,
	}
}

/// A value, fit to be printed.
fn shown(value: &Value) -> String {
	match value {
		Value::Array(_) => "a list".into(),
		Value::Object(_) => "an object".into(),
		other => other
			.to_string()
			.chars()
			.take(QUOTED)
			.flat_map(char::escape_debug)
			.collect(),
	}
}

#[cfg(test)]
mod tests {
	use super::{
		super::{
			config,
			web::tests::{answer, server},
		},
		*,
	};
	use proptest::prelude::*;
	use serde_json::json;

	/// An input whose value is at /price and whose time is at /at.
	fn input(source: &str, unit: &str) -> Input {
		let text = format!(
			"[[price.input]]\nname = \"a\"\nsource = {{ {source} }}\nvalue = \"/price\"\nobserved_at = \"/at\"\nunit = \"{unit}\""
		);
		config::tests::config("", &text).unwrap().prices[0].inputs[0].clone()
	}

	fn read_from(body: &str) -> Result<(String, Moment), String> {
		let quoted = read(&input("file = \"/x\"", "per MWh"), "/x", body.as_bytes(), 7)?;
		Ok((units::format_price(quoted.price), quoted.observed_at))
	}

	#[test]
	fn value_should_be_read_when_a_number_or_a_text() {
		let at = 1_769_860_800_000;
		for body in [
			r#"{"price": 103.4, "at": 1769860800}"#,
			r#"{"price": 1.034e2, "at": 1769860800000}"#,
			r#"{"price": "103.4", "at": "2026-01-31T12:00:00Z"}"#,
			r#"{"price": " 103.40", "at": "1769860800", "more": [1, 2]}"#,
			r#"{"price": 103.4, "at": 1769860800.0}"#,
			r#"{"price": 103.4, "at": "2026-01-31T12:00:00+00:00"}"#,
		] {
			assert_eq!(read_from(body), Ok(("0.1034".into(), at)), "{body}");
		}
	}

	#[test]
	fn error_should_say_what_was_found_when_the_text_is_malformed() {
		for (body, said) in [
			("", "/x is no JSON text"),
			("{\"price\": 1", "no JSON text"),
			("<html>", "no JSON text"),
			("{}", "/x has nothing at \"/price\""),
			("[1]", "has nothing at \"/price\""),
			(
				r#"{"price": null, "at": 1}"#,
				"has null at \"/price\"; expected a number",
			),
			(r#"{"price": [1], "at": 1}"#, "has a list at"),
			(r#"{"price": {"a": 1}, "at": 1}"#, "has an object at"),
			(r#"{"price": true, "at": 1}"#, "has true at"),
			(
				r#"{"price": "n/a", "at": 1}"#,
				"\"n/a\\\" at \"/price\" is not a decimal number",
			),
			(r#"{"price": -5, "at": 1}"#, "-5 at \"/price\" is negative"),
			(r#"{"price": 1e300, "at": 1}"#, "at \"/price\" has too"),
			(r#"{"price": 5}"#, "has nothing at \"/at\""),
			(r#"{"price": 5, "at": "yesterday"}"#, "expected Unix seconds"),
			(r#"{"price": 5, "at": -1}"#, "expected Unix seconds"),
			(
				r#"{"price": 5, "at": "2026-01-31T12:00:00+02:00"}"#,
				"expected Unix seconds",
			),
		] {
			let error = read_from(body).unwrap_err();
			assert!(
				error.replace('\\', "").contains(&said.replace('\\', "")),
				"{body}: {error}"
			);
		}
	}

	#[test]
	fn time_should_be_the_files_when_the_text_is_not_asked_for_it() {
		let mut plain = input("file = \"/x\"", "per kWh");
		plain.observed_at = None;
		assert_eq!(read(&plain, "/x", b"{\"price\":1}", 7).unwrap().observed_at, 7);
	}

	#[tokio::test]
	async fn file_should_be_asked_with_the_time_it_was_written() {
		let folder = tempfile::tempdir().unwrap();
		let path = folder.path().join("price.json");
		let mut input = input(&format!("file = \"{}\"", path.display()), "per kWh");
		input.observed_at = None;
		let web = Web::new().unwrap();
		assert!(ask(&input, &web).await.unwrap_err().contains("No such file"));
		std::fs::write(&path, "{\"price\": 0.1}").unwrap();
		let quoted = ask(&input, &web).await.unwrap();
		assert!(now() - quoted.observed_at < 60 * SECOND, "{quoted:?}");
		std::fs::write(&path, vec![b' '; LARGEST + 1]).unwrap();
		assert!(ask(&input, &web).await.unwrap_err().contains("larger than"));
	}

	#[tokio::test]
	async fn server_should_be_asked_and_told_of_in_a_check() {
		let body = json!({ "price": 103.4, "at": 1_769_860_800 }).to_string();
		let url = server(answer("200 OK", "", &body)).await;
		let one = format!(
			"[[price.input]]\nname = \"one\"\nsource = {{ http = \"{url}\" }}\nvalue = \"/price\"\nobserved_at = \"/at\"\nunit = \"per MWh\"\n"
		);
		let two = one
			.replace("\"one\"", "\"two\"")
			.replace("/price\"\nobserved", "/cost\"\nobserved");
		let config = config::tests::config("", &format!("{one}{two}")).unwrap();
		let checked = check(&config).await;
		assert_eq!(
			checked[0],
			(
				"reference: one".into(),
				Ok("0.1034, observed 2026-01-31T12:00:00Z".into())
			)
		);
		assert!(
			checked[1].1.as_ref().unwrap_err().contains("nothing at \"/cost\""),
			"{checked:?}"
		);
	}

	proptest! {
		#[test]
		fn reading_should_never_panic_whatever_comes(body: Vec<u8>, price: String, at: String, number: f64) {
			let input = input("file = \"/x\"", "per MWh");
			let _ = read(&input, "/x", &body, 7);
			let _ = read(&input, "/x", json!({ "price": price, "at": at }).to_string().as_bytes(), 7);
			let _ = read(&input, "/x", json!({ "price": number, "at": number }).to_string().as_bytes(), 7);
		}
	}
}
