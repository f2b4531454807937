/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HIPIMU_CONFIG_H
#define HIPIMU_CONFIG_H

/*
 * Which sensor is on the board? A XIAO nRF52840 Sense is known by its name. The two editions of the
 * Nano 33 BLE are one board to the Arduino tools: remove the slashes for Rev2 and Sense Rev2.
 */
// #define HIPIMU_NANO_REV2

#if defined(TARGET_SEEED_XIAO_NRF52840_SENSE) || defined(ARDUINO_Seeed_XIAO_nRF52840_Sense)
#define HIPIMU_LSM6DS3
#define HIPIMU_MODEL "XIAO nRF52840 Sense"
#elif defined(HIPIMU_NANO_REV2)
#define HIPIMU_BMI270
#define HIPIMU_MODEL "Nano 33 BLE Rev2"
#elif defined(ARDUINO_ARDUINO_NANO33BLE)
#define HIPIMU_LSM9DS1
#define HIPIMU_MODEL "Nano 33 BLE"
#else
#error "Not a board that this sketch knows: write an imu_….cpp for it, see README.md."
#endif

#define HIPIMU_FIRMWARE "1.0"

#endif
