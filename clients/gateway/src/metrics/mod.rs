//! Where the gateway tells how it is doing: `/metrics` for Prometheus and `/status` for the command of that name.

mod client;
mod families;

use std::{convert::Infallible, sync::Arc, time::Duration};

use http_body_util::Full;
use hyper::{
	body::{Bytes, Incoming},
	header::{ALLOW, CONTENT_TYPE},
	server::conn::http1,
	service::service_fn,
	Method, Request, Response, StatusCode,
};
use hyper_util::rt::TokioIo;
use prometheus::{Encoder, TextEncoder};
use tokio::{
	net::{TcpListener, TcpStream},
	sync::Semaphore,
};
use tracing::{debug, error, warn};

use crate::{state::Shared, stop::Stop};

pub use client::{fetch_status, Unanswered};

/// Connections answered at once; more wait.
const CONNECTIONS: usize = 16;

/// The longest that a connection may take, so that silent ones do not keep others out.
const PATIENCE: Duration = Duration::from_secs(20);

/// Answers at `listener` until it is asked to stop. `per_meter`: whether `/metrics` has series of each single meter.
pub async fn serve(listener: TcpListener, shared: Shared, per_meter: bool, stop: Stop) {
	let room = Arc::new(Semaphore::new(CONNECTIONS));
	loop {
		let Ok(place) = room.clone().acquire_owned().await else {
			return;
		};
		let accepted = tokio::select! {
			accepted = listener.accept() => accepted,
			() = stop.requested() => return,
		};
		let stream = match accepted {
			Ok((stream, _)) => stream,
			Err(error) => {
				// The machine is out of files, say: asked again at once it would say the same
				warn!(%error, "a connection to the metrics cannot be accepted");
				tokio::time::sleep(Duration::from_millis(100)).await;
				continue;
			}
		};
		let shared = shared.clone();
		tokio::spawn(async move {
			match tokio::time::timeout(PATIENCE, serve_one(stream, shared, per_meter)).await {
				Ok(Ok(())) => (),
				Ok(Err(error)) => debug!(%error, "a connection to the metrics broke"),
				Err(_) => debug!("a connection to the metrics was too slow"),
			}
			drop(place);
		});
	}
}

async fn serve_one(stream: TcpStream, shared: Shared, per_meter: bool) -> hyper::Result<()> {
	let service = |request: Request<Incoming>| {
		let answered = answer(&request, &shared, per_meter);
		async move { Ok::<_, Infallible>(answered) }
	};
	http1::Builder::new()
		.keep_alive(false)
		.serve_connection(TokioIo::new(stream), service_fn(service))
		.await
}

fn answer(request: &Request<Incoming>, shared: &Shared, per_meter: bool) -> Response<Full<Bytes>> {
	let plain = "text/plain; charset=utf-8";
	if request.method() != Method::GET {
		let mut refused = response(StatusCode::METHOD_NOT_ALLOWED, plain, "only GET is answered\n");
		refused
			.headers_mut()
			.insert(ALLOW, "GET".parse().expect("a header's value"));
		return refused;
	}
	match request.uri().path() {
		"/metrics" => match metrics(shared, per_meter) {
			Ok(page) => response(StatusCode::OK, prometheus::TEXT_FORMAT, page),
			Err(error) => {
				error!(%error, "the metrics cannot be written");
				response(StatusCode::INTERNAL_SERVER_ERROR, plain, format!("{error}\n"))
			}
		},
		"/status" => match serde_json::to_vec(&shared.status()) {
			Ok(page) => response(StatusCode::OK, "application/json", page),
			Err(error) => {
				error!(%error, "the status cannot be written");
				response(StatusCode::INTERNAL_SERVER_ERROR, plain, format!("{error}\n"))
			}
		},
		_ => response(StatusCode::NOT_FOUND, plain, "there are /metrics and /status\n"),
	}
}

fn response(status: StatusCode, kind: &'static str, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
	let mut response = Response::new(Full::new(body.into()));
	*response.status_mut() = status;
	response
		.headers_mut()
		.insert(CONTENT_TYPE, kind.parse().expect("a header's value"));
	response
}

/// What `/metrics` answers, in the text format of Prometheus.
fn metrics(shared: &Shared, per_meter: bool) -> prometheus::Result<Vec<u8>> {
	let mut page = Vec::new();
	TextEncoder::new().encode(&families::gather(shared, per_meter)?, &mut page)?;
	Ok(page)
}

#[cfg(test)]
mod tests;
