//! The number a float model computes in, with the three loops over a row that take almost all of its time.
//!
//! The loops are compiled here, for `f32` and `f64`, whatever crate asks for them; with AVX2 where the machine has
//! it. None fuses a multiply and an add and the order of every sum is fixed, so all machines give the same bits.

use std::fmt::{Debug, Display};
use std::ops::{AddAssign, MulAssign, SubAssign};

use multiversion::multiversion;
use num_traits::Float;

/// `f32`, which trains, or `f64`, which is the reference.
pub trait Scalar:
    Float + AddAssign + SubAssign + MulAssign + Default + Debug + Display + Send + Sync + 'static
{
    /// The nearest number of this type.
    fn of(value: f64) -> Self;
    /// As `f64`, exactly.
    fn real(self) -> f64;
    /// `sum[i] += row[i]`; both of one length.
    fn add_row(sum: &mut [Self], row: &[Self]);
    /// `sum[i] += scale · row[i]`; both of one length.
    fn add_scaled(sum: &mut [Self], scale: Self, row: &[Self]);
    /// `Σ_i a[i] b[i]`, in eight interleaved partial sums.
    fn dot(a: &[Self], b: &[Self]) -> Self;
}

macro_rules! scalar {
    ($float:ident, $kernels:ident) => {
        mod $kernels {
            use super::*;

            #[multiversion(targets("x86_64+avx2"))]
            fn add_row(sum: &mut [$float], row: &[$float]) {
                for (sum, &value) in sum.iter_mut().zip(row) {
                    *sum += value;
                }
            }

            #[multiversion(targets("x86_64+avx2"))]
            fn add_scaled(sum: &mut [$float], scale: $float, row: &[$float]) {
                for (sum, &value) in sum.iter_mut().zip(row) {
                    *sum += scale * value;
                }
            }

            #[multiversion(targets("x86_64+avx2"))]
            fn dot(a: &[$float], b: &[$float]) -> $float {
                let mut lanes = [0.0; 8];
                let (a, b) = (a.chunks_exact(8), b.chunks_exact(8));
                let rest: $float = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
                for (a, b) in a.zip(b) {
                    for lane in 0..8 {
                        lanes[lane] += a[lane] * b[lane];
                    }
                }
                lanes.iter().sum::<$float>() + rest
            }

            impl Scalar for $float {
                fn of(value: f64) -> Self {
                    value as $float
                }

                fn real(self) -> f64 {
                    f64::from(self)
                }

                fn add_row(sum: &mut [Self], row: &[Self]) {
                    add_row(sum, row);
                }

                fn add_scaled(sum: &mut [Self], scale: Self, row: &[Self]) {
                    add_scaled(sum, scale, row);
                }

                fn dot(a: &[Self], b: &[Self]) -> Self {
                    dot(a, b)
                }
            }
        }
    };
}

scalar!(f32, single);
scalar!(f64, double);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_any_length_are_summed_whole() {
        for length in [0, 1, 7, 8, 9, 31] {
            let a: Vec<f64> = (0..length).map(|i| i as f64 + 1.0).collect();
            let squares: f64 = a.iter().map(|v| v * v).sum();
            assert_eq!(f64::dot(&a, &a), squares);
            let mut sum = a.clone();
            f64::add_scaled(&mut sum, -0.5, &a);
            f64::add_row(&mut sum, &a);
            assert!(sum.iter().zip(&a).all(|(sum, a)| *sum == 1.5 * a));
        }
    }
}
