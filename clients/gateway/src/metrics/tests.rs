use super::*;
use crate::state::Stamp;
use baseload_primitives::MeterId;
use std::{collections::BTreeSet, net::SocketAddr};

const DASHBOARD: &str = include_str!("../../deploy/grafana-dashboard.json");

/// A gateway of which something is known of every kind.
fn busy() -> Shared {
	let shared = Shared::new();
	let stamp = Stamp {
		sequence: 42,
		measured_at: 1_769_860_800_000,
	};
	for meter in [MeterId(7), MeterId(8)] {
		shared.took(meter, 3, stamp, 2);
		shared.included(meter, 3, stamp);
		shared.finalised(meter, 1, stamp, 2);
		shared.set_aside(meter, 1, "line 4: no number");
		shared.source_error(meter, Some("no answer".into()));
		shared.attest(meter, |attest| attest.vouched(42));
	}
	shared.called();
	shared.node_up(100, 97);
	shared.outbox(5_000, 100_000);
	shared.feed("reference", |feed| feed.fed("0.1", 1_769_860_800_000));
	shared
}

fn page(shared: &Shared, per_meter: bool) -> String {
	String::from_utf8(metrics(shared, per_meter).unwrap()).unwrap()
}

/// The names of all series, as they are queried.
fn names(page: &str) -> BTreeSet<String> {
	page.lines()
		.filter(|line| !line.starts_with('#'))
		.map(|line| line.split(['{', ' ']).next().unwrap().to_string())
		.collect()
}

#[test]
fn metrics_should_tell_all_that_is_known() {
	let page = page(&busy(), true);
	for line in [
		"baseload_gateway_node_final_block 97",
		"baseload_gateway_readings_taken_total 6",
		"baseload_gateway_readings_queued 4",
		"baseload_gateway_meters_source_failing 2",
		"baseload_gateway_meter_last_sequence{meter=\"7\"} 42",
		"baseload_gateway_meter_last_reading_timestamp_seconds{meter=\"8\"} 1769860800",
		"baseload_gateway_meter_set_aside_total{meter=\"8\"} 1",
		"baseload_gateway_attest_vouched_total{meter=\"7\"} 1",
		"baseload_gateway_feed_timestamp_seconds{price=\"reference\"} 1769860800",
		"baseload_gateway_finality_seconds_count 2",
		&format!("baseload_gateway_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION")),
	] {
		assert!(page.lines().any(|found| found == line), "{line} in\n{page}");
	}
}

#[test]
fn silence_should_be_told_when_a_meter_has_no_reading_or_one_of_the_future() {
	let silence = |shared: &Shared| {
		let page = page(shared, false);
		let line = page
			.lines()
			.find_map(|line| line.strip_prefix("baseload_gateway_longest_silence_seconds "));
		line.unwrap().parse::<f64>().unwrap()
	};
	let shared = Shared::new();
	assert_eq!(silence(&shared), 0.);
	shared.restored(MeterId(7), None, None, 0);
	std::thread::sleep(std::time::Duration::from_millis(5));
	assert!((0.005..60.).contains(&silence(&shared)));
	let measured_at = shared.status().now + 3_600_000;
	let future = Stamp {
		sequence: 1,
		measured_at,
	};
	shared.took(MeterId(7), 1, future, 1);
	assert!((3_590. ..=3_600.).contains(&silence(&shared)));
}

#[test]
fn metrics_should_leave_single_meters_out_when_there_are_too_many() {
	let page = page(&busy(), false);
	assert!(!page.contains("baseload_gateway_meter_") && page.contains("baseload_gateway_readings_queued 4"));
	// A gateway that has just begun has something to tell too
	assert!(names(&super::tests::page(&Shared::new(), true)).contains("baseload_gateway_node_up"));
}

#[test]
fn dashboard_should_ask_only_for_metrics_that_exist() {
	let dashboard: serde_json::Value = serde_json::from_str(DASHBOARD).unwrap();
	let known = names(&page(&busy(), true));
	let mut asked = 0;
	for panel in dashboard["panels"].as_array().unwrap() {
		let targets = panel["targets"].as_array().cloned().unwrap_or_default();
		assert!(
			!targets.is_empty() || panel["type"] == "row",
			"{panel} asks for nothing"
		);
		for target in targets {
			let query = target["expr"].as_str().unwrap();
			let of_ours: Vec<&str> = query
				.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
				.filter(|word| word.starts_with("baseload_"))
				.collect();
			assert!(!of_ours.is_empty(), "{query}");
			for name in of_ours {
				assert!(known.contains(name), "{name} of {query} in {known:?}");
				asked += 1;
			}
		}
	}
	assert!(asked >= 15, "{asked}");
}

async fn serving(shared: Shared) -> (SocketAddr, Stop, tokio::task::JoinHandle<()>) {
	let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
	let address = listener.local_addr().unwrap();
	let stop = Stop::default();
	let task = tokio::spawn(serve(listener, shared, true, stop.clone()));
	(address, stop, task)
}

/// What the server answers to this.
async fn said(address: SocketAddr, request: &str) -> String {
	use tokio::io::{AsyncReadExt, AsyncWriteExt};
	let mut stream = TcpStream::connect(address).await.unwrap();
	stream.write_all(request.as_bytes()).await.unwrap();
	let mut answer = String::new();
	stream.read_to_string(&mut answer).await.unwrap();
	answer
}

#[tokio::test]
async fn server_should_answer_until_it_is_asked_to_stop() {
	let shared = busy();
	let (address, stop, task) = serving(shared.clone()).await;
	let status = fetch_status(address).await.unwrap();
	assert_eq!(status.meters, shared.status().meters);
	let get = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
	let metrics = said(address, &get("/metrics")).await;
	assert!(
		metrics.starts_with("HTTP/1.1 200") && metrics.contains("baseload_gateway_node_up 1\n"),
		"{metrics}"
	);
	assert!(said(address, &get("/")).await.starts_with("HTTP/1.1 404"));
	let post = "POST /status HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n";
	assert!(said(address, post).await.starts_with("HTTP/1.1 405"));
	assert!(said(address, "rubbish\r\n\r\n").await.starts_with("HTTP/1.1 400"));

	stop.request();
	task.await.unwrap();
	let error = fetch_status(address).await.unwrap_err().to_string();
	assert!(
		error.contains(&address.to_string()) && error.contains("is it running"),
		"{error}"
	);
}

#[tokio::test]
async fn server_should_answer_others_when_some_are_silent() {
	let (address, _stop, _task) = serving(busy()).await;
	let mut silent = Vec::new();
	for _ in 0..CONNECTIONS - 1 {
		silent.push(TcpStream::connect(address).await.unwrap());
	}
	assert_eq!(fetch_status(address).await.unwrap().meters.len(), 2);
}

#[tokio::test]
async fn status_should_be_refused_when_somebody_else_answers() {
	use tokio::io::{AsyncReadExt, AsyncWriteExt};
	let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
	let address = listener.local_addr().unwrap();
	tokio::spawn(async move {
		let (mut stream, _) = listener.accept().await.unwrap();
		let mut asked = [0; 512];
		let _ = stream.read(&mut asked).await.unwrap();
		let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
		stream.write_all(answer.as_bytes()).await.unwrap();
	});
	let error = fetch_status(address).await.unwrap_err().to_string();
	assert!(error.contains("not a status of this version"), "{error}");
}
