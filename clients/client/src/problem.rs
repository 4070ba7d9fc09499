//! What is wrong with a file that people write, and where: configurations and agreements are refused so.

use std::{fmt, ops::Range, path::PathBuf, sync::Arc};

use serde_json::{json, Value};

/// One thing that is wrong, at a place of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
	span: Range<usize>,
	message: String,
}

impl Problem {
	/// At the bytes `span` of the file, as `toml::Spanned::span` gives them. The message says what was found and what was
	/// expected.
	pub fn new(span: Range<usize>, message: impl Into<String>) -> Self {
		Self {
			span,
			message: message.into(),
		}
	}

	/// What was found and what was expected.
	pub fn message(&self) -> &str {
		&self.message
	}
}

/// The file that something was read from.
#[derive(Debug, Default)]
pub struct SourceText {
	/// Where it is.
	pub path: PathBuf,
	/// All of it.
	pub text: String,
}

impl SourceText {
	/// Line and column of a byte, both from 1; the column counts characters.
	pub fn position(&self, offset: usize) -> (usize, usize) {
		let mut offset = offset.min(self.text.len());
		while !self.text.is_char_boundary(offset) {
			offset -= 1;
		}
		let before = &self.text[..offset];
		let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
		(
			1 + before.matches('\n').count(),
			1 + before[line_start..].chars().count(),
		)
	}
}

/// Everything that is wrong with a file: never empty.
#[derive(Clone)]
pub struct Errors {
	source: Arc<SourceText>,
	problems: Vec<Problem>,
}

impl Errors {
	/// `None` if there are no problems. They are put in the order of the file.
	pub fn of(source: &Arc<SourceText>, mut problems: Vec<Problem>) -> Option<Self> {
		problems.sort_by_key(|problem| problem.span.start);
		(!problems.is_empty()).then(|| Self {
			source: source.clone(),
			problems,
		})
	}

	/// One problem.
	pub fn one(source: &Arc<SourceText>, problem: Problem) -> Self {
		Self {
			source: source.clone(),
			problems: vec![problem],
		}
	}

	/// An error of the TOML parser or of serde, in one line.
	pub fn refused(source: &Arc<SourceText>, error: &toml::de::Error) -> Self {
		let message = error.message().trim().replace('\n', ", ");
		Self::one(source, Problem::new(error.span().unwrap_or(0..0), message))
	}

	/// The problems, in the order of the file.
	pub fn problems(&self) -> &[Problem] {
		&self.problems
	}

	/// One object for each problem: file, line, column, message.
	pub fn json(&self) -> Value {
		let one = |problem: &Problem| {
			let (line, column) = self.source.position(problem.span.start);
			json!({
				"file": self.source.path.display().to_string(),
				"line": line,
				"column": column,
				"message": problem.message,
			})
		};
		self.problems.iter().map(one).collect()
	}
}

impl fmt::Display for Errors {
	/// Each problem as `file:line:column: message`, and under it the line with the place marked.
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		for (number, problem) in self.problems.iter().enumerate() {
			if number > 0 {
				writeln!(f)?;
			}
			let (line, column) = self.source.position(problem.span.start);
			write!(f, "{}:{line}:{column}: {}", self.source.path.display(), problem.message)?;
			let Some(shown) = self
				.source
				.text
				.lines()
				.nth(line - 1)
				.filter(|line| !line.trim().is_empty())
			else {
				continue;
			};
			// A tab in the margin keeps the mark under its place
			let margin: String = shown
				.chars()
				.take(column - 1)
				.map(|c| if c == '\t' { '\t' } else { ' ' })
				.collect();
			let rest = shown.chars().count().saturating_sub(column - 1);
			let length = self
				.source
				.text
				.get(problem.span.clone())
				.and_then(|text| text.lines().next())
				.map_or(1, |text| text.chars().count());
			let mark = "^".repeat(length.min(rest).max(1));
			let gutter = " ".repeat(line.to_string().len());
			write!(f, "\n {line} | {shown}\n {gutter} | {margin}{mark}")?;
		}
		Ok(())
	}
}

impl fmt::Debug for Errors {
	fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
		fmt::Display::fmt(self, f)
	}
}

impl std::error::Error for Errors {}

#[cfg(test)]
mod tests {
	use super::*;

	fn source(text: &str) -> Arc<SourceText> {
		Arc::new(SourceText {
			path: "gateway.toml".into(),
			text: text.into(),
		})
	}

	#[test]
	fn position_should_count_lines_and_characters_from_one() {
		let source = source("a = 1\n\u{fc}\u{fc} = 2\n");
		assert_eq!(source.position(0), (1, 1));
		assert_eq!(source.position(4), (1, 5));
		assert_eq!(source.position(6), (2, 1));
		// Two letters of two bytes each
		assert_eq!(source.position(10), (2, 3));
		assert_eq!(source.position(9), (2, 2));
		assert_eq!(source.position(usize::MAX), (3, 1));
	}

	#[test]
	fn problems_should_be_shown_with_their_lines_in_order() {
		let source = source("[chain]\nurl = \"x\"\n\tid = 7\n");
		let errors = Errors::of(
			&source,
			vec![Problem::new(24..25, "twice"), Problem::new(14..17, "no address")],
		)
		.unwrap();
		assert_eq!(
			errors.to_string(),
			"gateway.toml:2:7: no address\n 2 | url = \"x\"\n   |       ^^^\n\
			 gateway.toml:3:7: twice\n 3 | \tid = 7\n   | \t     ^"
		);
		assert_eq!(errors.json()[1]["column"], 7);
		assert!(Errors::of(&source, Vec::new()).is_none());
	}
}
