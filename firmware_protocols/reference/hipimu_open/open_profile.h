/*
 * hipimu open profile, version 1: packets, control and description of one IMU.
 *
 * Plain C99 without dynamic memory, platform headers or floating point. Knows nothing of radio or
 * sensor: what surrounds it reads the sensor, calls hip_push(), and sends what hip_next() returns.
 * Specification: docs/reference/open-profile.md.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef HIPIMU_OPEN_PROFILE_H
#define HIPIMU_OPEN_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HIP_PROFILE_VERSION 1u

#define HIP_UUID_SERVICE "5d810001-689f-41fb-a860-2482b69475dc"
#define HIP_UUID_DATA "5d810002-689f-41fb-a860-2482b69475dc"
#define HIP_UUID_CONTROL "5d810003-689f-41fb-a860-2482b69475dc"
#define HIP_UUID_DESCRIPTION "5d810004-689f-41fb-a860-2482b69475dc"

#define HIP_HEADER_SIZE 6u
#define HIP_SAMPLE_SIZE 12u
/* 19 samples are 234 bytes: the most that fit a notification at an MTU of 247. */
#define HIP_MOST_SAMPLES 19u
#define HIP_MOST_PACKET (HIP_HEADER_SIZE + HIP_MOST_SAMPLES * HIP_SAMPLE_SIZE)
#define HIP_DESCRIPTION_SIZE 20u
#define HIP_MOST_CONTROL 20u
#define HIP_MOST_ACK 7u

/* Packets that wait for the radio. More of them survive a longer silence of the link and cost
 * memory: 16 packets of 3 samples are 460 ms at 104 Hz and 3.8 KB. */
#ifndef HIP_QUEUE
#define HIP_QUEUE 16u
#endif

enum hip_tag {
    HIP_START = 0x01,
    HIP_STOP = 0x02,
    HIP_RATE = 0x03,
    HIP_ACC_RANGE = 0x04,
    HIP_GYR_RANGE = 0x05,
    HIP_SAMPLES = 0x06,
    HIP_ACK = 0x80 /* added to the tag that is answered */
};

enum hip_status {
    HIP_OK = 0x00,
    HIP_UNKNOWN_TAG = 0x01,
    HIP_WRONG_LENGTH = 0x02,
    HIP_NOT_POSSIBLE = 0x03,
    HIP_NOT_NOW = 0x04,
    HIP_NO_ROOM = 0x05,
    HIP_SENSOR_FAULT = 0x06
};

/* One sample: count = value / range * 32768, never beyond the ends of 16 bits. */
typedef struct {
    int16_t acc[3];
    int16_t gyr[3];
} hip_sample;

typedef struct {
    uint32_t rate_mhz; /* samples per second, times 1000 */
    uint8_t acc_range_g;
    uint16_t gyr_range_dps;
    uint8_t samples; /* in one packet */
} hip_config;

/* What this board can do. The tables must outlive the device, rates in ascending order. */
typedef struct {
    const uint32_t *rates_mhz;
    size_t rates;
    const uint8_t *acc_ranges_g;
    size_t acc_ranges;
    const uint16_t *gyr_ranges_dps;
    size_t gyr_ranges;
    uint8_t most_samples;
    uint8_t firmware_major;
    uint8_t firmware_minor;
    uint16_t clock_ppm; /* the clock is no further off than this; 0: not known */
    bool stamped_by_interrupt;
} hip_board;

/* Switches the sensor to `config` and on, or says that it does not answer. */
typedef bool (*hip_starter)(void *context, const hip_config *config);

typedef struct {
    const hip_board *board;
    hip_starter starter; /* NULL: nothing to switch on */
    void *context;
    hip_config config;
    bool streaming;
    bool subscribed;
    uint16_t room; /* bytes that a notification can carry; 0: not known */
    uint16_t counter; /* of the packet that is begun next */
    uint32_t lost;    /* packets dropped since the start */
    uint8_t filled;   /* samples in the packet being filled */
    size_t oldest;    /* place of the oldest packet in the queue */
    size_t waiting;   /* whole packets in the queue */
    uint8_t packets[HIP_QUEUE + 1u][HIP_MOST_PACKET]; /* one more: the packet being filled */
} hip_device;

/* What remains of a write to the control characteristic. */
typedef struct {
    const uint8_t *at;
    size_t left;
} hip_commands;

/* Idle, with the board's first rate, its last (widest) ranges and one sample per packet. */
void hip_init(hip_device *device, const hip_board *board, hip_starter starter, void *context);

/* Tell the state of the link; without connection or subscription a stream ends. */
void hip_link(hip_device *device, bool connected, bool subscribed, uint16_t room);

/* Carry out one command and write its acknowledgement; its length, or 0 when none is left. */
size_t hip_control(hip_device *device, hip_commands *commands, uint8_t ack[HIP_MOST_ACK]);

/* Take one sample in, stamped with the device's clock. Ignored while idle. */
void hip_push(hip_device *device, uint32_t time_us, const hip_sample *sample);

/* The packet to send next, or NULL. It stays until hip_sent() or until newer ones need its place. */
const uint8_t *hip_next(const hip_device *device, size_t *length);

/* The radio has taken the packet that hip_next() returned. */
void hip_sent(hip_device *device);

/* Value of the description characteristic. */
void hip_describe(const hip_device *device, uint8_t out[HIP_DESCRIPTION_SIZE]);

/* Write one packet; its length, or 0 where it does not fit or there are no or too many samples. */
size_t hip_encode(uint8_t *out, size_t room, uint16_t counter, uint32_t time_us,
                  const hip_sample *samples, size_t count);

/* raw * numerator / denominator, rounded, kept within 16 bits. A denominator of 0 gives 0. */
int16_t hip_scale(int32_t raw, int32_t numerator, int32_t denominator);

#ifdef __cplusplus
}
#endif

#endif
