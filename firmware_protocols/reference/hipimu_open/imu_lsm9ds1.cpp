/*
 * LSM9DS1 of the Nano 33 BLE and BLE Sense (first edition). Arduino's library fixes the range at
 * 4 g, too little for running, so the registers are written here; numbers are those of the data
 * sheet (DocID025715): section 7 for registers, table 3 for sensitivities.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "config.h"

#ifdef HIPIMU_LSM9DS1

#include <Arduino.h>
#include <Wire.h>

#include "imu.h"

static const uint32_t RATES[] = {119000, 238000};
static const uint8_t ACC_RANGES[] = {2, 4, 8, 16};
static const uint16_t GYR_RANGES[] = {245, 500, 2000};

const hip_board imu_board = {RATES, 2, ACC_RANGES, 4, GYR_RANGES, 3, HIP_MOST_SAMPLES, 1, 0, 0, false};

static const uint8_t ADDRESS = 0x6B;
static const uint8_t WHO_AM_I = 0x0F, ITSELF = 0x68;
static const uint8_t CTRL_REG1_G = 0x10, STATUS_REG = 0x17, OUT_X_G = 0x18;
static const uint8_t CTRL_REG6_XL = 0x20, CTRL_REG8 = 0x22, OUT_X_XL = 0x28;
static const uint8_t NEW_ACC_AND_GYR = 0x03;
static const uint8_t WHOLE_SAMPLES = 0x44;

static bool write_register(uint8_t address, uint8_t value)
{
    Wire1.beginTransmission(ADDRESS);
    Wire1.write(address);
    Wire1.write(value);
    return Wire1.endTransmission() == 0;
}

static bool read_registers(uint8_t address, uint8_t *values, size_t length)
{
    Wire1.beginTransmission(ADDRESS);
    Wire1.write(address);
    if (Wire1.endTransmission(false) != 0 || Wire1.requestFrom(ADDRESS, length) != length) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        values[i] = (uint8_t)Wire1.read();
    }
    return true;
}

bool imu_begin()
{
    uint8_t found = 0;
    Wire1.begin();
    Wire1.setClock(400000);
    return read_registers(WHO_AM_I, &found, 1) && found == ITSELF;
}

bool imu_start(const hip_config &config)
{
    uint8_t rate = config.rate_mhz == 238000 ? 0x80 : 0x60;
    uint8_t gyr = config.gyr_range_dps == 2000 ? 0x18 : config.gyr_range_dps == 500 ? 0x08 : 0x00;
    uint8_t acc = config.acc_range_g == 16 ? 0x08
                : config.acc_range_g == 8  ? 0x18
                : config.acc_range_g == 4  ? 0x10
                                           : 0x00;
    return write_register(CTRL_REG8, WHOLE_SAMPLES) && write_register(CTRL_REG1_G, rate | gyr)
        && write_register(CTRL_REG6_XL, rate | acc);
}

static int16_t at(const uint8_t *bytes)
{
    return (int16_t)(bytes[0] | (bytes[1] << 8));
}

bool imu_read(const hip_config &config, hip_sample &sample)
{
    uint8_t status = 0;
    uint8_t raw[12];
    if (!read_registers(STATUS_REG, &status, 1) || (status & NEW_ACC_AND_GYR) != NEW_ACC_AND_GYR
        || !read_registers(OUT_X_G, raw, 6) || !read_registers(OUT_X_XL, raw + 6, 6)) {
        return false;
    }
    /* A count at 16 g is 0.732 mg, not 0.488: 16 g end at 21 900 counts. */
    int32_t acc_micro = config.acc_range_g == 16 ? 732 : 61 * (config.acc_range_g / 2);
    int32_t gyr_micro = config.gyr_range_dps == 2000 ? 70000
                      : config.gyr_range_dps == 500  ? 17500
                                                     : 8750;
    for (int i = 0; i < 3; i++) {
        /* This chip's axes are left-handed: turning x round makes them right-handed. */
        int16_t sign = i == 0 ? -1 : 1;
        sample.gyr[i] = imu_scaled(at(raw + 2 * i), sign * gyr_micro, config.gyr_range_dps);
        sample.acc[i] = imu_scaled(at(raw + 6 + 2 * i), sign * acc_micro, config.acc_range_g);
    }
    return true;
}

#endif
