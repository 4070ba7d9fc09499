use super::*;
use std::{fs, os::unix::fs::PermissionsExt};

const EXAMPLE: &str = include_str!("../../deploy/gateway.toml");

/// What every file needs.
const HEAD: &str = "[chain]\nurl = \"ws://127.0.0.1:9944\"\n\
	genesis = \"0x0707070707070707070707070707070707070707070707070707070707070707\"\n\
	[outbox]\npath = \"/var/lib/x/outbox\"\n";

/// A meter that signs by itself. Its first line is line 6 of a file behind [`HEAD`].
const METER: &str = "[[meter]]\nid = 7\nsource = { ocmf = { path = \"/records\" } }\n";

fn parse(text: &str) -> Result<Config, Errors> {
	Config::parse("gateway.toml".into(), text.into())
}

/// Where and what, without the line that is shown under it.
fn said(text: &str) -> Vec<String> {
	let errors = parse(text).map(|_| ()).unwrap_err();
	errors
		.to_string()
		.lines()
		.filter(|line| line.starts_with("gateway.toml:"))
		.map(String::from)
		.collect()
}

#[test]
fn example_should_be_read_as_it_is_shipped() {
	let config = parse(EXAMPLE).unwrap();
	assert_eq!(&*config.chain.url, "ws://127.0.0.1:9944");
	let meters: Vec<_> = config
		.meters
		.iter()
		.map(|meter| (meter.id.get_ref().0, meter.every.get_ref().0, meter.key.is_some()))
		.collect();
	let minute = baseload_primitives::MINUTE;
	assert_eq!(
		meters,
		[
			(1, 15 * minute, true),
			(2, minute, false),
			(3, 5 * minute, true),
			(4, 15 * minute, true)
		]
	);
	assert!(config.attest.is_some() && config.feed.is_some() && config.per_meter_metrics());
}

/// The example says of its settings that are commented out that they are defaults or examples: they must be settings.
#[test]
fn example_should_be_read_when_every_comment_is_made_a_setting() {
	let is_setting = |line: &&str| {
		let words: Vec<&str> = line.split_whitespace().collect();
		matches!(words[..], ["#", name, "=", ..] if name.bytes().all(|c| c.is_ascii_lowercase() || c == b'_'))
	};
	assert!(EXAMPLE.lines().filter(is_setting).count() >= 15);
	let whole: String = EXAMPLE
		.lines()
		.map(|line| match is_setting(&line) {
			true => format!("{}\n", &line[2..]),
			false => format!("{line}\n"),
		})
		.collect();
	let config = parse(&whole).unwrap_or_else(|errors| panic!("{errors}"));
	assert_eq!(config.metrics.unwrap().per_meter, Some(true));
	// Defaults that the example shows are the defaults
	let short = parse(EXAMPLE).unwrap();
	assert_eq!(config.log.format, short.log.format);
	assert_eq!(config.log.level, short.log.level);
	assert_eq!(
		config.outbox.unwrap().max_size.get_ref(),
		short.outbox.unwrap().max_size.get_ref()
	);
}

#[test]
fn settings_should_have_defaults_when_left_out() {
	let config = parse(&format!("{HEAD}{METER}")).unwrap();
	assert_eq!(
		(config.log.format, config.log.level.0.as_str()),
		(LogFormat::Text, "info")
	);
	assert!(config.metrics.is_none() && config.keys.passphrase_file.is_none());
	assert!(config.open_keys().unwrap().is_empty());
	let meters = |count: u32| {
		let one = |id: u32| METER.replace("id = 7", &format!("id = {id}"));
		let text: String = (0..count).map(one).collect();
		parse(&format!("{HEAD}{text}")).unwrap().per_meter_metrics()
	};
	assert_eq!((meters(1_000), meters(1_001)), (true, false));
}

#[test]
fn value_should_be_refused_with_its_place_when_it_is_wrong() {
	for (change, with, place, what) in [
		("url = \"ws:", "url = \"http:", "2:7", "not with ws:// or wss://"),
		("\"ws://127.0.0.1:9944\"", "9944", "2:7", "expected a node's address"),
		("\"0x07", "\"07", "3:11", "is not a hash"),
		(
			"genesis",
			"genisis",
			"3:1",
			"unknown field `genisis`, expected `url` or `genesis`",
		),
		(
			"[outbox]\n",
			"[outbax]\n",
			"4:2",
			"unknown field `outbax`, expected one of",
		),
		("\"/var/lib/x/outbox\"", "\"outbox\"", "5:8", "not an absolute path"),
		("id = 7", "id = \"7\"", "7:6", "expected u32"),
		("id = 7", "id = -7", "7:6", "invalid value: integer `-7`, expected u32"),
		("id = 7\n", "", "6:1", "missing field `id`"),
		("id = 7", "id = 7\nevery = \"soon\"", "8:9", "is not a duration like"),
		(
			"id = 7",
			"id = 7\nevery = 15",
			"8:9",
			"expected a duration like \"15m\"",
		),
		("id = 7", "id = 7\nevery = \"0s\"", "8:9", "no time at all"),
		("id = 7", "id = 7\nid = 8", "8:1", "duplicate key"),
		("ocmf", "dlms", "8:12", "unknown variant `dlms`, expected one of"),
		(
			"path = \"/records\"",
			"paht = \"/records\"",
			"8:21",
			"unknown field `paht`",
		),
		("path = \"/records\"", "", "8:19", "missing field `path`"),
		(
			"[[meter]]",
			"[log]\nformat = \"xml\"\n[[meter]]",
			"7:10",
			"expected `text` or `json`",
		),
		("[[meter]]", "[log]\nlevel = \"\"\n[[meter]]", "7:9", "is not a level"),
		(
			"[[meter]]",
			"[metrics]\nlisten = \"here\"\n[[meter]]",
			"7:10",
			"is not an address and port",
		),
		("[[meter]]", "[metrics]\n[[meter]]", "6:1", "missing field `listen`"),
		("[[meter]]", "[meter]", "6:1", "expected a sequence"),
		("[[meter]]", "[[meter", "6:8", "expected `.`, `]]`"),
		("\"/records\"", "\"/records", "8:", "invalid"),
	] {
		let text = format!("{HEAD}{METER}");
		assert!(text.contains(change), "{change}");
		let errors = said(&text.replacen(change, with, 1));
		assert_eq!(errors.len(), 1, "{errors:?}");
		assert!(
			errors[0].starts_with(&format!("gateway.toml:{place}")) && errors[0].contains(what),
			"{with}: {}",
			errors[0]
		);
	}
}

#[test]
fn rules_should_be_refused_all_at_once_when_several_are_broken() {
	let text = format!(
		"{HEAD}{METER}{}{}",
		METER,
		"[[meter]]\nid = 8\nevery = \"10ms\"\nsource = { csv = { path = \"/x.csv\" } }\n\
		 [[meter]]\nid = 9\nkey = \"/k\"\nsource = { ocmf = { path = \"/r\" } }\n"
	);
	let errors = said(&text);
	let expected = [
		("10:6", "meter 7 is there twice: it has its section in line 7 already"),
		("13:6", "this meter has no key"),
		("14:9", "1s or more is expected"),
		("18:7", "leave the key out"),
	];
	assert_eq!(errors.len(), expected.len(), "{errors:#?}");
	for (error, (place, what)) in errors.iter().zip(expected) {
		assert!(
			error.starts_with(&format!("gateway.toml:{place}: ")) && error.contains(what),
			"{error}"
		);
	}
}

#[test]
fn file_should_be_refused_when_sections_are_missing() {
	for (text, what) in [
		(METER.to_string(), "missing field `chain`"),
		(HEAD.to_string(), "there is nothing to do"),
		(
			format!(
				"{}{METER}",
				HEAD.replace("[outbox]\npath = \"/var/lib/x/outbox\"\n", "")
			),
			"[outbox] is missing",
		),
		(
			format!("{HEAD}max_size = \"1 MiB\"\n{METER}"),
			"16 MiB or more is expected",
		),
	] {
		let errors = said(&text);
		assert!(errors.len() == 1 && errors[0].contains(what), "{errors:?}");
	}
}

#[test]
fn error_should_show_the_line_with_its_place_marked() {
	let errors = parse(&format!("{HEAD}{METER}").replace("\"ws:", "\"http:")).unwrap_err();
	assert!(
		errors
			.to_string()
			.ends_with("\n 2 | url = \"http://127.0.0.1:9944\"\n   |       ^^^^^^^^^^^^^^^^^^^^^^^"),
		"{errors}"
	);
	assert_eq!(errors.json()[0]["line"], 2);
}

#[test]
fn keys_should_be_refused_with_their_places_when_they_cannot_be_used() {
	let folder = tempfile::tempdir().unwrap();
	let path = |name: &str| folder.path().join(name);
	let passphrase = Passphrase::new("correct horse".into()).unwrap();
	DeviceSecret::create(&path("good")).unwrap();
	fs::copy(path("good"), path("copy")).unwrap();
	DeviceSecret::create(&path("open")).unwrap();
	fs::set_permissions(path("open"), fs::Permissions::from_mode(0o644)).unwrap();
	DeviceSecret::create_encrypted(&path("sealed"), &passphrase).unwrap();
	let meter = |(id, name): (usize, &str)| {
		format!(
			"[[meter]]\nid = {id}\nkey = \"{}\"\nsource = {{ csv = {{ path = \"/x.csv\" }} }}\n",
			path(name).display()
		)
	};
	let meters = |names: &[&'static str]| names.iter().copied().enumerate().map(meter).collect::<String>();

	let config = parse(&format!(
		"{HEAD}{}",
		meters(&["good", "copy", "open", "sealed", "none"])
	))
	.unwrap();
	let errors = config.open_keys().unwrap_err();
	let expected = [
		(12, "key of meter 0 already"),
		(16, "others can read it (mode 644)"),
		(20, "encrypted, and no passphrase"),
		(24, "No such file"),
	];
	assert_eq!(errors.problems().len(), expected.len(), "{errors}");
	for (error, (line, what)) in errors.json().as_array().unwrap().iter().zip(expected) {
		let message = error["message"].as_str().unwrap();
		assert!(error["line"] == line && message.contains(what), "{error}");
	}

	fs::write(path("passphrase"), "correct horse\n").unwrap();
	fs::set_permissions(path("passphrase"), fs::Permissions::from_mode(0o600)).unwrap();
	let keys = format!("[keys]\npassphrase_file = \"{}\"\n", path("passphrase").display());
	let config = parse(&format!("{HEAD}{keys}{}", meters(&["good", "sealed"]))).unwrap();
	let opened = config.open_keys().unwrap();
	let sealed = DeviceSecret::open(&path("sealed"), Some(&passphrase)).unwrap();
	assert_eq!(opened[&MeterId(1)].present.public(), sealed.public());

	// A wrong passphrase is said once for each key, a missing one once more for its file
	fs::write(path("passphrase"), "battery staple\n").unwrap();
	let errors = config.open_keys().unwrap_err();
	assert!(errors.to_string().contains("passphrase is wrong"), "{errors}");
	fs::remove_file(path("passphrase")).unwrap();
	let errors = config.open_keys().unwrap_err();
	assert_eq!(errors.problems().len(), 2, "{errors}");
	assert_eq!(errors.json()[0]["line"], 7);
}

#[test]
fn next_key_should_be_opened_beside_the_present_one_and_refused_when_it_cannot_be_used() {
	let folder = tempfile::tempdir().unwrap();
	let path = |name: &str| folder.path().join(name).display().to_string();
	for name in ["old", "new"] {
		DeviceSecret::create(&folder.path().join(name)).unwrap();
	}
	let meter = |next: &str| {
		format!(
			"{HEAD}[[meter]]\nid = 7\nkey = \"{}\"\nsource = {{ csv = {{ path = \"/old.csv\" }} }}\nnext = {{ {next} }}\n",
			path("old")
		)
	};
	let own = format!(
		"key = \"{}\", source = {{ csv = {{ path = \"/new.csv\" }} }}",
		path("new")
	);
	let config = parse(&meter(&own)).unwrap();
	let keys = &config.open_keys().unwrap()[&MeterId(7)];
	assert_ne!(keys.next.as_ref().unwrap().public(), keys.present.public());
	assert!(config.meters[0].next.as_ref().unwrap().source.is_some());
	let same = parse(&meter(&format!("key = \"{}\"", path("old")))).unwrap();
	let error = same.open_keys().err().unwrap().to_string();
	assert!(error.contains("key of meter 7 already"), "{error}");
	let records = format!("key = \"{}\", source = {{ ocmf = {{ path = \"/x\" }} }}", path("new"));
	let error = parse(&meter(&records)).unwrap_err().to_string();
	assert!(error.contains("signs its records itself"), "{error}");
}

#[test]
fn file_should_be_refused_when_missing_or_no_text() {
	let folder = tempfile::tempdir().unwrap();
	let path = folder.path().join("gateway.toml");
	let error = format!("{:#}", load(&path).unwrap_err());
	assert!(
		error.contains("cannot be read") && error.contains("No such file"),
		"{error}"
	);
	fs::write(&path, [0xff, 0xfe]).unwrap();
	assert!(format!("{:#}", load(&path).unwrap_err()).contains("UTF-8"));
	fs::write(&path, format!("{HEAD}{METER}")).unwrap();
	assert_eq!(load(&path).unwrap().path(), path);
}
