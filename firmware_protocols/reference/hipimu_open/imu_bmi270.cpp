/*
 * BMI270 of the Nano 33 BLE Rev2 and Sense Rev2, through Arduino's library "Arduino_BMI270_BMM150".
 * The library loads the chip's program and fixes 100 Hz and 4 g; a subclass, which it allows for
 * this, sets rate and range.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "config.h"

#ifdef HIPIMU_BMI270

#include <Arduino_BMI270_BMM150.h>
#include <Wire.h>

#include "imu.h"

static const uint32_t RATES[] = {100000, 200000};
static const uint8_t ACC_RANGES[] = {2, 4, 8, 16};
static const uint16_t GYR_RANGES[] = {250, 500, 1000, 2000};

const hip_board imu_board = {RATES, 2, ACC_RANGES, 4, GYR_RANGES, 4, HIP_MOST_SAMPLES, 1, 0, 0, false};

class Chip : public BoschSensorClass {
  public:
    Chip() : BoschSensorClass(Wire1) {}
    struct bmi2_dev *device = nullptr;

  protected:
    int8_t configure_sensor(struct bmi2_dev *dev) override
    {
        device = dev;
        return BoschSensorClass::configure_sensor(dev);
    }
    int8_t configure_sensor(struct bmm150_dev *dev) override
    {
        return BoschSensorClass::configure_sensor(dev);
    }
};

static Chip chip;

bool imu_begin()
{
    bool found = chip.begin() != 0;
    Wire1.setClock(400000);
    return found && chip.device != nullptr;
}

static uint8_t acc_range(uint8_t range_g)
{
    switch (range_g) {
    case 2:
        return BMI2_ACC_RANGE_2G;
    case 4:
        return BMI2_ACC_RANGE_4G;
    case 8:
        return BMI2_ACC_RANGE_8G;
    default:
        return BMI2_ACC_RANGE_16G;
    }
}

static uint8_t gyr_range(uint16_t range_dps)
{
    switch (range_dps) {
    case 250:
        return BMI2_GYR_RANGE_250;
    case 500:
        return BMI2_GYR_RANGE_500;
    case 1000:
        return BMI2_GYR_RANGE_1000;
    default:
        return BMI2_GYR_RANGE_2000;
    }
}

bool imu_start(const hip_config &config)
{
    bool fast = config.rate_mhz == 200000;
    struct bmi2_sens_config settings[2];
    settings[0].type = BMI2_ACCEL;
    settings[1].type = BMI2_GYRO;
    /* What is not set below stays as the library has set it. */
    if (bmi2_get_sensor_config(settings, 2, chip.device) != BMI2_OK) {
        return false;
    }
    settings[0].cfg.acc.odr = fast ? BMI2_ACC_ODR_200HZ : BMI2_ACC_ODR_100HZ;
    settings[0].cfg.acc.bwp = BMI2_ACC_NORMAL_AVG4;
    settings[0].cfg.acc.range = acc_range(config.acc_range_g);
    settings[1].cfg.gyr.odr = fast ? BMI2_GYR_ODR_200HZ : BMI2_GYR_ODR_100HZ;
    settings[1].cfg.gyr.bwp = BMI2_GYR_NORMAL_MODE;
    settings[1].cfg.gyr.range = gyr_range(config.gyr_range_dps);
    return bmi2_set_sensor_config(settings, 2, chip.device) == BMI2_OK;
}

bool imu_read(const hip_config &config, hip_sample &sample)
{
    (void)config;
    const uint16_t wanted = BMI2_ACC_DRDY_INT_MASK | BMI2_GYR_DRDY_INT_MASK;
    /* Reading the status clears it, and the two sensors need not be ready at once. */
    static uint16_t seen = 0;
    uint16_t status = 0;
    struct bmi2_sens_data data;
    if (bmi2_get_int_status(&status, chip.device) != BMI2_OK) {
        return false;
    }
    seen |= status & wanted;
    if (seen != wanted || bmi2_get_sensor_data(&data, chip.device) != BMI2_OK) {
        return false;
    }
    seen = 0;
    /* This chip's counts are the profile's: the range is 32768. */
    sample.acc[0] = data.acc.x;
    sample.acc[1] = data.acc.y;
    sample.acc[2] = data.acc.z;
    sample.gyr[0] = data.gyr.x;
    sample.gyr[1] = data.gyr.y;
    sample.gyr[2] = data.gyr.z;
    return true;
}

#endif
