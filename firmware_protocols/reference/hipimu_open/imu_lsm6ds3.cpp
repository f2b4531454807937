/*
 * LSM6DS3TR-C of the XIAO nRF52840 Sense, through Seeed's library "Seeed Arduino LSM6DS3".
 * Sensitivities are those of the data sheet (DocID030071), table 3.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "config.h"

#ifdef HIPIMU_LSM6DS3

#include <LSM6DS3.h>
#include <Wire.h>

#include "imu.h"

static const uint32_t RATES[] = {52000, 104000, 208000};
static const uint8_t ACC_RANGES[] = {2, 4, 8, 16};
static const uint16_t GYR_RANGES[] = {250, 500, 1000, 2000};

const hip_board imu_board = {RATES, 3, ACC_RANGES, 4, GYR_RANGES, 4, HIP_MOST_SAMPLES, 1, 0, 0, false};

static const uint8_t NEW_ACC_AND_GYR = 0x03;
/* CTRL3_C: both bytes of a number belong to one sample; addresses count up by themselves. */
static const uint8_t WHOLE_SAMPLES = 0x44;

static LSM6DS3 chip(I2C_MODE, 0x6A);

bool imu_begin()
{
    return chip.begin() == IMU_SUCCESS;
}

bool imu_start(const hip_config &config)
{
    uint16_t rate_hz = config.rate_mhz / 1000;
    chip.settings.accelRange = config.acc_range_g;
    chip.settings.accelSampleRate = rate_hz;
    /* No bandwidth bits: on this chip the filter then is half the sampling rate. */
    chip.settings.accelBandWidth = 400;
    chip.settings.gyroRange = config.gyr_range_dps == 250 ? 245 : config.gyr_range_dps;
    chip.settings.gyroSampleRate = rate_hz;
    chip.settings.tempEnabled = 0;
    return chip.begin() == IMU_SUCCESS
        && chip.writeRegister(LSM6DS3_ACC_GYRO_CTRL3_C, WHOLE_SAMPLES) == IMU_SUCCESS;
}

bool imu_read(const hip_config &config, hip_sample &sample)
{
    uint8_t status = 0;
    int16_t raw[6];
    if (chip.readRegister(&status, LSM6DS3_ACC_GYRO_STATUS_REG) != IMU_SUCCESS
        || (status & NEW_ACC_AND_GYR) != NEW_ACC_AND_GYR) {
        return false;
    }
    if (chip.readRegisterRegion((uint8_t *)raw, LSM6DS3_ACC_GYRO_OUTX_L_G, sizeof raw)
        != IMU_SUCCESS) {
        return false;
    }
    /* 0.061 mg a count at 2 g and 8.75 mdeg/s at 250 deg/s; both double with the range. */
    int32_t acc_micro = 61 * (config.acc_range_g / 2);
    int32_t gyr_micro = 8750 * (config.gyr_range_dps / 250);
    for (int i = 0; i < 3; i++) {
        sample.gyr[i] = imu_scaled(raw[i], gyr_micro, config.gyr_range_dps);
        sample.acc[i] = imu_scaled(raw[3 + i], acc_micro, config.acc_range_g);
    }
    return true;
}

#endif
