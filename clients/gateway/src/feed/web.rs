//! Asking web servers, carefully: with a time limit, a size limit, and certificates that the system trusts.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::{
	body::Bytes,
	header::{ACCEPT, LOCATION, USER_AGENT},
	Request, StatusCode,
};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
	client::legacy::{connect::HttpConnector, Client},
	rt::TokioExecutor,
};
use rustls::{ClientConfig, RootCertStore};
use tracing::warn;

use crate::config::values::HttpUrl;

/// How long a server may take, from connecting to the last byte.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// No answer is larger, in bytes.
pub const LARGEST: usize = 1 << 20;

/// Asks over HTTP and HTTPS. Clones share their connections.
#[derive(Clone)]
pub struct Web {
	client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
}

impl Web {
	/// Without any certificate that the system trusts, every https:// address fails and the others are asked all the same.
	/// Fails if this build's cryptography does not speak TLS.
	pub fn new() -> Result<Self> {
		let provider = rustls::crypto::ring::default_provider;
		let builder = match HttpsConnectorBuilder::new().with_provider_and_native_roots(provider()) {
			Ok(builder) => builder,
			Err(error) => {
				warn!("no https:// address can be asked: {error}");
				let nobody = ClientConfig::builder_with_provider(Arc::new(provider()))
					.with_safe_default_protocol_versions()?
					.with_root_certificates(RootCertStore::empty())
					.with_no_client_auth();
				HttpsConnectorBuilder::new().with_tls_config(nobody)
			}
		};
		let connector = builder.https_or_http().enable_http1().build();
		Ok(Self {
			client: Client::builder(TokioExecutor::new()).build(connector),
		})
	}

	/// The body at an address. Anything but a plain success is an error, a sentence that says what came instead; other addresses are
	/// not followed.
	pub async fn get(&self, url: &HttpUrl) -> Result<Vec<u8>, String> {
		match tokio::time::timeout(PATIENCE, self.fetch(url)).await {
			Ok(answer) => answer,
			Err(_) => Err(format!(
				"{} did not answer within {} s",
				url.shown(),
				PATIENCE.as_secs()
			)),
		}
	}

	async fn fetch(&self, address: &HttpUrl) -> Result<Vec<u8>, String> {
		let url = address.shown();
		let request = Request::get(&**address)
			.header(ACCEPT, "application/json")
			.header(USER_AGENT, concat!("baseload-gateway/", env!("CARGO_PKG_VERSION")))
			.body(Empty::new())
			.map_err(|error| format!("{url} is no address: {error}"))?;
		let response = self.client.request(request).await;
		let response = response.map_err(|error| format!("{url} cannot be reached: {}", chained(&error)))?;
		let status = response.status();
		if status.is_redirection() {
			let there = response.headers().get(LOCATION).and_then(|there| there.to_str().ok());
			let there = there.unwrap_or("nowhere").split(['?', '#']).next().unwrap_or_default();
			let there = there.escape_debug();
			return Err(format!(
				"{url} points to {there} ({status}); if that is right, write that address"
			));
		}
		if status != StatusCode::OK {
			return Err(format!("{url} answered {status}"));
		}
		let body = Limited::new(response.into_body(), LARGEST).collect().await;
		match body {
			Ok(body) => Ok(body.to_bytes().to_vec()),
			Err(error) => Err(format!(
				"the answer of {url} broke off or is larger than {LARGEST} bytes: {error}"
			)),
		}
	}
}

/// An error with its causes, which hyper does not write by itself.
fn chained(error: &dyn std::error::Error) -> String {
	let mut text = error.to_string();
	let mut cause = error.source();
	while let Some(inner) = cause {
		text += &format!(": {inner}");
		cause = inner.source();
	}
	text
}

#[cfg(test)]
pub(super) mod tests {
	use super::*;
	use tokio::{
		io::{AsyncReadExt, AsyncWriteExt},
		net::TcpListener,
	};

	/// A server that says the same to everybody, byte for byte. Returns its address.
	pub async fn server(answer: Vec<u8>) -> String {
		let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
		let address = listener.local_addr().unwrap();
		tokio::spawn(async move {
			while let Ok((mut stream, _)) = listener.accept().await {
				let answer = answer.clone();
				tokio::spawn(async move {
					let mut request = [0; 4_096];
					let _ = stream.read(&mut request).await;
					let _ = stream.write_all(&answer).await;
					let _ = stream.shutdown().await;
				});
			}
		});
		format!("http://{address}/price.json")
	}

	/// A whole answer.
	pub fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
		let length = body.len();
		format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n{body}").into_bytes()
	}

	fn of(url: &str) -> HttpUrl {
		serde_json::from_value(url.into()).unwrap()
	}

	#[tokio::test]
	async fn secret_should_not_be_told_when_the_address_has_one() {
		for bytes in [answer("500 Internal Server Error", "", ""), Vec::new()] {
			let url = format!("{}?key=sesame#x", server(bytes).await);
			let url = url.replace("http://", "http://me:sesame@");
			let error = Web::new().unwrap().get(&of(&url)).await.unwrap_err();
			assert!(
				error.contains("/price.json?...") && !error.contains("sesame"),
				"{error}"
			);
		}
		let there = "location: http://elsewhere/?key=sesame\r\n";
		let url = server(answer("302 Found", there, "")).await;
		let error = Web::new().unwrap().get(&of(&url)).await.unwrap_err();
		assert!(
			error.contains("http://elsewhere/ ") && !error.contains("sesame"),
			"{error}"
		);
	}

	#[tokio::test]
	async fn body_should_be_given_when_the_server_answers_well() {
		let url = server(answer("200 OK", "", "{\"price\":1}")).await;
		assert_eq!(Web::new().unwrap().get(&of(&url)).await.unwrap(), b"{\"price\":1}");
	}

	#[tokio::test]
	async fn error_should_say_what_came_when_the_server_answers_badly() {
		let long = "1".repeat(LARGEST + 1);
		let mut broken = answer("200 OK", "", "{\"price\":1}");
		broken.truncate(broken.len() - 3);
		for (bytes, said) in [
			(answer("500 Internal Server Error", "", "sorry"), "answered 500"),
			(answer("404 Not Found", "", ""), "answered 404"),
			(answer("204 No Content", "", ""), "answered 204"),
			(
				answer("302 Found", "location: http://elsewhere/\r\n", ""),
				"points to http://elsewhere/",
			),
			(answer("301 Moved Permanently", "", ""), "points to nowhere"),
			(answer("200 OK", "", &long), "larger than"),
			(broken, "broke off"),
			(b"SSH-2.0-OpenSSH_9.9\r\n".to_vec(), "cannot be reached"),
			(Vec::new(), "cannot be reached"),
		] {
			let url = server(bytes).await;
			let error = Web::new().unwrap().get(&of(&url)).await.unwrap_err();
			assert!(error.contains(said) && error.contains(&url), "{error}");
		}
	}

	#[tokio::test]
	async fn error_should_name_the_address_when_nobody_is_there() {
		let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
		let url = format!("http://{}/", listener.local_addr().unwrap());
		drop(listener);
		let error = Web::new().unwrap().get(&of(&url)).await.unwrap_err();
		assert!(error.contains(&url) && error.contains("cannot be reached"), "{error}");
		// A server without TLS where TLS is expected
		let plain = server(answer("200 OK", "", "1")).await.replace("http://", "https://");
		assert!(Web::new()
			.unwrap()
			.get(&of(&plain))
			.await
			.unwrap_err()
			.contains("cannot be reached"));
	}
}
