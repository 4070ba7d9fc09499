//! Asks a running gateway for its status.

use std::{fmt, net::SocketAddr, time::Duration};

use http_body_util::{BodyExt, Empty, Limited};
use hyper::{body::Bytes, client::conn::http1, header::HOST, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::state::Status;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// No answer is longer than this, in bytes: ten thousand meters with an error each need a fifth of it.
const LONGEST: usize = 64 << 20;

/// Why there is no status.
#[derive(Debug)]
pub struct Unanswered {
	address: SocketAddr,
	reason: String,
}

impl fmt::Display for Unanswered {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		write!(
			f,
			"no gateway tells its status at {}: is it running, with [metrics] in its configuration? ({})",
			self.address, self.reason
		)
	}
}

impl std::error::Error for Unanswered {}

/// The status of the gateway that answers at `address`. `0.0.0.0` and `[::]`, at which a gateway listens on all of its
/// machine's addresses, stand for this machine.
pub async fn fetch_status(address: SocketAddr) -> Result<Status, Unanswered> {
	let unanswered = |reason: String| Unanswered { address, reason };
	match tokio::time::timeout(PATIENCE, fetch(reachable(address))).await {
		Ok(answer) => answer.map_err(unanswered),
		Err(_) => Err(unanswered(format!("no answer within {} s", PATIENCE.as_secs()))),
	}
}

async fn fetch(address: SocketAddr) -> Result<Status, String> {
	let said = |error: &dyn fmt::Display| error.to_string();
	let stream = TcpStream::connect(address).await.map_err(|error| said(&error))?;
	let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
		.await
		.map_err(|error| said(&error))?;
	let connection = tokio::spawn(connection);
	let request = Request::get("/status")
		.header(HOST, address.to_string())
		.body(Empty::<Bytes>::new())
		.map_err(|error| said(&error))?;
	let response = sender.send_request(request).await.map_err(|error| said(&error))?;
	if response.status() != StatusCode::OK {
		return Err(format!("the answer is {}", response.status()));
	}
	let body = Limited::new(response.into_body(), LONGEST)
		.collect()
		.await
		.map_err(|error| said(&error))?
		.to_bytes();
	connection.abort();
	serde_json::from_slice(&body).map_err(|error| format!("the answer is not a status of this version: {error}"))
}

fn reachable(address: SocketAddr) -> SocketAddr {
	let mut address = address;
	match address {
		SocketAddr::V4(v4) if v4.ip().is_unspecified() => address.set_ip(std::net::Ipv4Addr::LOCALHOST.into()),
		SocketAddr::V6(v6) if v6.ip().is_unspecified() => address.set_ip(std::net::Ipv6Addr::LOCALHOST.into()),
		_ => (),
	}
	address
}
