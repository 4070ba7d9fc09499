//! The letters and words that the format gives a meaning.

use crate::OcmfError;

/// Why a register was read: `TX`, table 7 of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transaction {
	/// `B`: begin.
	Begin,
	/// `C`: during charging.
	Charging,
	/// `X`: an error; energy or time or both are unusable from this reading on.
	Exception,
	/// `E`: end.
	End,
	/// `L`: ended at the station.
	EndedLocally,
	/// `R`: ended remotely.
	EndedRemotely,
	/// `A`: ended by an error.
	Aborted,
	/// `P`: ended by a power failure.
	PowerFailed,
	/// `S`: active, not charging.
	Suspended,
	/// `T`: the tariff changed.
	TariffChanged,
}

impl Transaction {
	pub(crate) fn parse(text: &str) -> Result<Self, OcmfError> {
		Ok(match text {
			"B" => Self::Begin,
			"C" => Self::Charging,
			"X" => Self::Exception,
			"E" => Self::End,
			"L" => Self::EndedLocally,
			"R" => Self::EndedRemotely,
			"A" => Self::Aborted,
			"P" => Self::PowerFailed,
			"S" => Self::Suspended,
			"T" => Self::TariffChanged,
			_ => return Err(OcmfError::BadTransaction),
		})
	}
}

/// The unit of a value: `RU`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
	/// `kWh`.
	KilowattHour,
	/// `Wh`.
	WattHour,
	/// Not energy, or unknown: meters write units that the format does not know.
	Other,
}

impl Unit {
	pub(crate) fn parse(text: &str) -> Self {
		match text {
			"kWh" => Self::KilowattHour,
			"Wh" => Self::WattHour,
			_ => Self::Other,
		}
	}
}

/// The state of the meter when it was read: `ST`, table 10 of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
	/// `G`: in good order.
	Good,
	/// Anything else, by its letter: absent, manipulated, exchanged, a substitute value and so on.
	NotGood(char),
}

impl Status {
	pub(crate) fn parse(text: &str) -> Result<Self, OcmfError> {
		let mut letters = text.chars();
		match (letters.next(), letters.next()) {
			(Some('G'), None) => Ok(Self::Good),
			(Some(letter), None) if "NTDRMXIOSEF".contains(letter) => Ok(Self::NotGood(letter)),
			_ => Err(OcmfError::BadStatus),
		}
	}
}

/// What the meter itself declares unusable for billing: `EF`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ErrorFlags {
	/// `E`: the energy.
	pub energy: bool,
	/// `t`: the time.
	pub time: bool,
}

impl ErrorFlags {
	pub(crate) const ALL: Self = Self {
		energy: true,
		time: true,
	};

	pub(crate) fn parse(text: &str) -> Result<Self, OcmfError> {
		text.chars().try_fold(Self::default(), |flags, letter| match letter {
			'E' => Ok(Self { energy: true, ..flags }),
			't' => Ok(Self { time: true, ..flags }),
			_ => Err(OcmfError::BadErrorFlags),
		})
	}
}
