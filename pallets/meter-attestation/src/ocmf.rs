//! OCMF records as readings: the meter's own format, verified over its exact bytes.

use baseload_ocmf::{ClockStatus as OcmfClock, Context, Curve, OcmfError, Record, Register as Counted};
use baseload_primitives::{
	ClockStatus, DeviceKey, DeviceSignature, MeterId, OpenTime, Quality, Reading, Refusal, Register, Registers,
};
use frame_support::{
	defensive,
	dispatch::PostDispatchInfo,
	ensure,
	pallet_prelude::TransactionValidityWithRefund,
	traits::{Contains, Get},
	weights::Weight,
};

use crate::{
	readings::{free, Before},
	Config, Meter, Meters, OcmfRecord, Pages, Pallet, WeightInfo, SUBMIT_OCMF,
};

impl<T: Config> Pallet<T> {
	/// Lets an OCMF record in, or says why not.
	pub(crate) fn authorize_ocmf(id: MeterId, bytes: &OcmfRecord) -> TransactionValidityWithRefund {
		ensure!(T::Gate::contains(&SUBMIT_OCMF), Refusal::Paused);
		let meter = Meters::<T>::get(id).ok_or(Refusal::UnknownMeter)?;
		ensure!(meter.ocmf.is_some(), Refusal::WrongFormat);
		let open = <Self as OpenTime>::now();
		Self::ensure_room(&meter, 1, open)?;
		let record = parse(bytes)?;
		let reading = read(&meter, &record)?;
		Self::judge(&meter, &Before::of(&meter, open), &reading)?;
		verify(meter.key, &record)?;
		let length = bytes.len() as u32;
		Self::authorized(
			id,
			reading.sequence,
			|p| T::WeightInfo::authorize_submit_ocmf(length, p),
			meter.pending.len() as u32,
		)
	}

	/// Records an authorised OCMF record.
	pub(crate) fn accept_ocmf(id: MeterId, bytes: &OcmfRecord) -> PostDispatchInfo {
		let Some(current) = Self::known(id) else {
			return free(Weight::zero());
		};
		let Ok(reading) = Self::read_ocmf(&current.meter, bytes) else {
			defensive!("authorisation refuses what cannot be read");
			return free(Weight::zero());
		};
		let weight = Self::record_in(id, current, &reading);
		free(weight.saturating_add(T::WeightInfo::read_ocmf(bytes.len() as u32)))
	}

	/// The reading in an OCMF record of `meter`'s, as its device shows it.
	pub(crate) fn read_ocmf(meter: &Meter<T::MaxPending>, bytes: &OcmfRecord) -> Result<Reading, Refusal> {
		read(meter, &parse(bytes)?)
	}

	/// The reading in an OCMF record that the meter's device signed with `key`, as the device shows it.
	pub(crate) fn open_ocmf(meter: &Meter<T::MaxPending>, key: DeviceKey, bytes: &[u8]) -> Result<Reading, Refusal> {
		let record = parse(bytes)?;
		let reading = read(meter, &record)?;
		verify(Some(key), &record)?;
		Ok(reading)
	}
}

fn parse(bytes: &[u8]) -> Result<Record<'_>, Refusal> {
	Record::parse(bytes).map_err(|error| match error {
		OcmfError::UnsupportedAlgorithm => Refusal::WrongCurve,
		_ => Refusal::BadRecord,
	})
}

/// Whether `key` signed the record.
fn verify(key: Option<DeviceKey>, record: &Record<'_>) -> Result<(), Refusal> {
	let signature = record.signature();
	let (key, signature) = match (key, record.curve()) {
		(Some(key @ DeviceKey::P256(_)), Curve::P256) => (key, DeviceSignature::P256(signature)),
		(Some(key @ DeviceKey::Secp256k1(_)), Curve::Secp256k1) => (key, DeviceSignature::Secp256k1(signature)),
		_ => return Err(Refusal::WrongCurve),
	};
	ensure!(key.verify(record.signed_bytes(), &signature), Refusal::BadSignature);
	Ok(())
}

/// What the record says of the meter's registers. Each is the last of its kind in the record, all of them read at one time.
fn read<S: Get<u32>>(meter: &Meter<S>, record: &Record<'_>) -> Result<Reading, Refusal> {
	let format = meter.ocmf.as_ref().ok_or(Refusal::WrongFormat)?;
	let serial = record.meter_serial().or(record.gateway_serial());
	ensure!(
		serial.is_some_and(|serial| serial.as_bytes() == format.serial.as_slice()),
		Refusal::WrongSerial
	);
	let pages = match record.pagination().context {
		Context::Transaction => Pages::Transaction,
		Context::Fiscal => Pages::Fiscal,
	};
	ensure!(pages == format.pages, Refusal::WrongFormat);

	let mut registers = Registers::new();
	let mut read_at = None;
	let mut clock = ClockStatus::Synchronised;
	for register in &meter.registers {
		let entry = record
			.readings()
			.iter()
			.rfind(|entry| entry.value.is_some() && Some(entry.register()) == counted(*register))
			.ok_or(Refusal::MissingRegister)?;
		ensure!(
			*read_at.get_or_insert(entry.time) == entry.time,
			Refusal::MissingRegister
		);
		if entry.clock != OcmfClock::Synchronised || entry.flags.time {
			clock = ClockStatus::Unsynchronised;
		}
		let wh = entry.wh().map_err(|_| Refusal::MissingRegister)?;
		registers.try_push(wh).map_err(|_| Refusal::WrongRegisters)?;
	}
	Ok(Reading {
		sequence: record.pagination().number,
		measured_at: read_at.ok_or(Refusal::MissingRegister)?,
		clock,
		quality: Quality::Measured,
		registers,
	})
}

/// The cumulative register that OCMF calls so; never one of a session. Services have none.
fn counted(register: Register) -> Option<Counted> {
	match register {
		Register::Export => Some(Counted::Export),
		Register::Import => Some(Counted::Import),
		Register::ExportBand(band) => Some(Counted::ExportBand(band)),
		Register::ImportBand(band) => Some(Counted::ImportBand(band)),
		Register::Service(_) => None,
	}
}
