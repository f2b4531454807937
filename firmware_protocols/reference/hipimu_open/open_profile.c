/* SPDX-License-Identifier: Apache-2.0 */
#include "open_profile.h"

#define PLACES (HIP_QUEUE + 1u)

/* Byte by byte: the same on every machine, whatever its order and its alignment. */
static void put_u16(uint8_t *out, uint16_t value)
{
    out[0] = (uint8_t)(value & 0xFFu);
    out[1] = (uint8_t)(value >> 8);
}

static void put_u32(uint8_t *out, uint32_t value)
{
    put_u16(out, (uint16_t)(value & 0xFFFFu));
    put_u16(out + 2, (uint16_t)(value >> 16));
}

static uint16_t get_u16(const uint8_t *in)
{
    return (uint16_t)(in[0] | ((uint16_t)in[1] << 8));
}

static void put_sample(uint8_t *out, const hip_sample *sample)
{
    for (size_t i = 0; i < 3; i++) {
        put_u16(out + 2 * i, (uint16_t)sample->acc[i]);
        put_u16(out + 6 + 2 * i, (uint16_t)sample->gyr[i]);
    }
}

static size_t packet_size(size_t samples)
{
    return HIP_HEADER_SIZE + samples * HIP_SAMPLE_SIZE;
}

size_t hip_encode(uint8_t *out, size_t room, uint16_t counter, uint32_t time_us,
                  const hip_sample *samples, size_t count)
{
    if (count == 0 || count > HIP_MOST_SAMPLES || room < packet_size(count)) {
        return 0;
    }
    put_u16(out, counter);
    put_u32(out + 2, time_us);
    for (size_t i = 0; i < count; i++) {
        put_sample(out + packet_size(i), &samples[i]);
    }
    return packet_size(count);
}

int16_t hip_scale(int32_t raw, int32_t numerator, int32_t denominator)
{
    if (denominator == 0) {
        return 0;
    }
    int64_t product = (int64_t)raw * numerator;
    int64_t half = (int64_t)denominator / 2;
    if ((product < 0) != (denominator < 0)) {
        half = -half;
    }
    int64_t scaled = (product + half) / denominator;
    if (scaled > INT16_MAX) {
        return INT16_MAX;
    }
    return scaled < INT16_MIN ? INT16_MIN : (int16_t)scaled;
}

void hip_init(hip_device *device, const hip_board *board, hip_starter starter, void *context)
{
    *device = (hip_device){0};
    device->board = board;
    device->starter = starter;
    device->context = context;
    device->config.rate_mhz = board->rates_mhz[0];
    device->config.acc_range_g = board->acc_ranges_g[board->acc_ranges - 1];
    device->config.gyr_range_dps = board->gyr_ranges_dps[board->gyr_ranges - 1];
    device->config.samples = 1;
}

static void empty(hip_device *device)
{
    device->filled = 0;
    device->oldest = 0;
    device->waiting = 0;
}

static void stop(hip_device *device)
{
    device->streaming = false;
    empty(device);
}

void hip_link(hip_device *device, bool connected, bool subscribed, uint16_t room)
{
    device->subscribed = connected && subscribed;
    device->room = connected ? room : 0;
    if (!device->subscribed) {
        stop(device);
    }
}

static uint8_t start(hip_device *device)
{
    if (device->streaming) {
        return HIP_OK;
    }
    size_t size = packet_size(device->config.samples);
    if (!device->subscribed || (device->room != 0 && device->room < size)) {
        return HIP_NO_ROOM;
    }
    if (device->starter != NULL && !device->starter(device->context, &device->config)) {
        return HIP_SENSOR_FAULT;
    }
    empty(device);
    device->counter = 0;
    device->lost = 0;
    device->streaming = true;
    return HIP_OK;
}

/* The lowest rate that is at least 95 % of what was asked: 119 Hz will do for 120. */
static uint8_t set_rate(hip_device *device, uint16_t hz)
{
    const hip_board *board = device->board;
    for (size_t i = 0; i < board->rates && hz > 0; i++) {
        if (board->rates_mhz[i] / 950u >= hz) {
            device->config.rate_mhz = board->rates_mhz[i];
            return HIP_OK;
        }
    }
    return HIP_NOT_POSSIBLE;
}

static uint8_t set_acc_range(hip_device *device, uint8_t range_g)
{
    for (size_t i = 0; i < device->board->acc_ranges; i++) {
        if (device->board->acc_ranges_g[i] == range_g) {
            device->config.acc_range_g = range_g;
            return HIP_OK;
        }
    }
    return HIP_NOT_POSSIBLE;
}

static uint8_t set_gyr_range(hip_device *device, uint16_t range_dps)
{
    for (size_t i = 0; i < device->board->gyr_ranges; i++) {
        if (device->board->gyr_ranges_dps[i] == range_dps) {
            device->config.gyr_range_dps = range_dps;
            return HIP_OK;
        }
    }
    return HIP_NOT_POSSIBLE;
}

static uint8_t most_samples(const hip_device *device)
{
    uint8_t most = device->board->most_samples;
    return most > HIP_MOST_SAMPLES ? (uint8_t)HIP_MOST_SAMPLES : most;
}

static uint8_t set_samples(hip_device *device, uint8_t samples)
{
    if (samples == 0 || samples > most_samples(device)) {
        return HIP_NOT_POSSIBLE;
    }
    device->config.samples = samples;
    return HIP_OK;
}

/* Bytes of the value that a command must have; 0xFF: there is no such command. */
static uint8_t value_size(uint8_t tag)
{
    switch (tag) {
    case HIP_START:
    case HIP_STOP:
        return 0;
    case HIP_ACC_RANGE:
    case HIP_SAMPLES:
        return 1;
    case HIP_RATE:
    case HIP_GYR_RANGE:
        return 2;
    default:
        return 0xFF;
    }
}

static uint8_t apply(hip_device *device, uint8_t tag, const uint8_t *value)
{
    if (tag == HIP_START) {
        return start(device);
    }
    if (tag == HIP_STOP) {
        stop(device);
        return HIP_OK;
    }
    if (device->streaming) {
        return HIP_NOT_NOW;
    }
    switch (tag) {
    case HIP_RATE:
        return set_rate(device, get_u16(value));
    case HIP_ACC_RANGE:
        return set_acc_range(device, value[0]);
    case HIP_GYR_RANGE:
        return set_gyr_range(device, get_u16(value));
    default:
        return set_samples(device, value[0]);
    }
}

/* Append the value now in effect; its size. */
static size_t put_value(const hip_device *device, uint8_t tag, uint8_t *out)
{
    switch (tag) {
    case HIP_RATE:
        put_u32(out, device->config.rate_mhz);
        return 4;
    case HIP_ACC_RANGE:
        out[0] = device->config.acc_range_g;
        return 1;
    case HIP_GYR_RANGE:
        put_u16(out, device->config.gyr_range_dps);
        return 2;
    case HIP_SAMPLES:
        out[0] = device->config.samples;
        return 1;
    default:
        return 0;
    }
}

size_t hip_control(hip_device *device, hip_commands *commands, uint8_t ack[HIP_MOST_ACK])
{
    if (commands->left == 0) {
        return 0;
    }
    uint8_t tag = commands->at[0];
    size_t length = commands->left > 1 ? commands->at[1] : 0;
    bool whole = commands->left > 1 && length <= commands->left - 2;
    const uint8_t *value = commands->at + 2;
    uint8_t status;
    if (value_size(tag) == 0xFF) {
        status = HIP_UNKNOWN_TAG;
    } else if (!whole || length != value_size(tag)) {
        status = HIP_WRONG_LENGTH;
    } else {
        status = apply(device, tag, value);
    }
    ack[0] = (uint8_t)(tag | HIP_ACK);
    ack[2] = status;
    size_t extra = put_value(device, tag, ack + 3);
    ack[1] = (uint8_t)(1 + extra);
    if (whole && status == HIP_OK) {
        commands->at += 2 + length;
        commands->left -= 2 + length;
    } else {
        /* What follows a command that failed may rest on it: drop it. */
        commands->left = 0;
    }
    return 3 + extra;
}

/* Make the filled packet wait; the oldest gives way where the queue is full. */
static void enqueue(hip_device *device)
{
    device->filled = 0;
    if (device->waiting < HIP_QUEUE) {
        device->waiting++;
        return;
    }
    device->oldest = (device->oldest + 1) % PLACES;
    if (device->lost < UINT32_MAX) {
        device->lost++;
    }
}

void hip_push(hip_device *device, uint32_t time_us, const hip_sample *sample)
{
    if (!device->streaming) {
        return;
    }
    uint8_t *packet = device->packets[(device->oldest + device->waiting) % PLACES];
    if (device->filled == 0) {
        put_u16(packet, device->counter++);
        put_u32(packet + 2, time_us);
    }
    put_sample(packet + packet_size(device->filled), sample);
    device->filled++;
    if (device->filled >= device->config.samples) {
        enqueue(device);
    }
}

const uint8_t *hip_next(const hip_device *device, size_t *length)
{
    if (device->waiting == 0) {
        return NULL;
    }
    *length = packet_size(device->config.samples);
    return device->packets[device->oldest];
}

void hip_sent(hip_device *device)
{
    if (device->waiting > 0) {
        device->oldest = (device->oldest + 1) % PLACES;
        device->waiting--;
    }
}

void hip_describe(const hip_device *device, uint8_t out[HIP_DESCRIPTION_SIZE])
{
    const hip_board *board = device->board;
    out[0] = HIP_PROFILE_VERSION;
    out[1] = (uint8_t)((device->streaming ? 1u : 0u) | (board->stamped_by_interrupt ? 2u : 0u));
    put_u32(out + 2, device->config.rate_mhz);
    out[6] = device->config.acc_range_g;
    put_u16(out + 7, device->config.gyr_range_dps);
    out[9] = device->config.samples;
    out[10] = most_samples(device);
    out[11] = board->firmware_major;
    out[12] = board->firmware_minor;
    put_u32(out + 13, device->lost);
    put_u16(out + 17, board->clock_ppm);
    out[19] = 0; /* reserved */
}
