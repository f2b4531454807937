/*
 * What the sketch needs of a sensor. One imu_….cpp is compiled, by config.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HIPIMU_IMU_H
#define HIPIMU_IMU_H

#include "open_profile.h"

extern const hip_board imu_board;

/* Find the sensor. */
bool imu_begin();

/* Switch it on with these ranges and this rate. */
bool imu_start(const hip_config &config);

/* Read one sample if a new one is there, in the profile's counts and right-handed axes. */
bool imu_read(const hip_config &config, hip_sample &sample);

/*
 * Counts of a chip to counts of the profile. `micro_per_count` is the chip's sensitivity in
 * millionths of the range's unit (a data sheet's 0.488 mg are 488 of a g).
 */
inline int16_t imu_scaled(int16_t raw, int32_t micro_per_count, int32_t range)
{
    /* 32768 / 1000000 in lowest terms, so that 32 bits are enough. */
    return hip_scale(raw, micro_per_count * 512, range * 15625);
}

#endif
