/*
 * Runs the open profile's code on a computer: one command a line in, one answer a line out.
 *
 *   new [nano]                      a fresh device; without "nano" with the rates of an LSM6DS3TR-C
 *   link CONNECTED SUBSCRIBED ROOM  state of the link
 *   fault 0|1                       whether the sensor fails to start
 *   control HEX                     a write; answers with its acknowledgements
 *   push TIME AX AY AZ GX GY GZ     a sample
 *   next                            the packet that is to be sent, or "-"
 *   sent                            it was
 *   describe                        value of the description characteristic
 *   encode ROOM COUNTER TIME N …    one packet of N samples of six numbers each, or "-"
 *   scale RAW NUMERATOR DENOMINATOR
 *
 * Every buffer handed to the code is allocated to its exact size, so that a sanitizer sees each
 * byte that is read or written beyond it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../hipimu_open/open_profile.h"

static const uint32_t XIAO_RATES[] = {52000, 104000, 208000};
static const uint32_t NANO_RATES[] = {119000, 238000};
static const uint8_t ACC_RANGES[] = {2, 4, 8, 16};
static const uint16_t GYR_RANGES[] = {250, 500, 1000, 2000};

static const hip_board XIAO = {XIAO_RATES, 3, ACC_RANGES, 4, GYR_RANGES, 4, 19, 1, 0, 50, true};
static const hip_board NANO = {NANO_RATES, 2, ACC_RANGES, 4, GYR_RANGES, 4, 3, 1, 0, 0, false};

static hip_device device;
static bool faulty;

static bool start_sensor(void *context, const hip_config *config)
{
    (void)context;
    return !faulty && config->rate_mhz > 0;
}

static void put_hex(const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        printf("%02x", bytes[i]);
    }
}

static uint8_t *get_hex(const char *text, size_t *length)
{
    *length = strlen(text) / 2;
    uint8_t *bytes = malloc(*length ? *length : 1);
    for (size_t i = 0; i < *length; i++) {
        char pair[3] = {text[2 * i], text[2 * i + 1], 0};
        bytes[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return bytes;
}

static void control(const char *text)
{
    size_t length = 0;
    uint8_t *written = get_hex(text, &length);
    hip_commands commands = {written, length};
    uint8_t *ack = malloc(HIP_MOST_ACK);
    size_t size = 0;
    while ((size = hip_control(&device, &commands, ack)) > 0) {
        put_hex(ack, size);
        printf(" ");
    }
    free(ack);
    free(written);
}

static void read_sample(hip_sample *sample)
{
    for (size_t i = 0; i < 6; i++) {
        int16_t value = (int16_t)strtol(strtok(NULL, " "), NULL, 10);
        if (i < 3) {
            sample->acc[i] = value;
        } else {
            sample->gyr[i - 3] = value;
        }
    }
}

static unsigned long number(void)
{
    return strtoul(strtok(NULL, " "), NULL, 10);
}

static void encode(void)
{
    size_t room = number();
    uint16_t counter = (uint16_t)number();
    uint32_t time_us = (uint32_t)number();
    size_t count = number();
    hip_sample *samples = malloc((count ? count : 1) * sizeof *samples);
    for (size_t i = 0; i < count; i++) {
        read_sample(&samples[i]);
    }
    uint8_t *out = malloc(room ? room : 1);
    size_t length = hip_encode(out, room, counter, time_us, samples, count);
    if (length == 0) {
        printf("-");
    }
    put_hex(out, length);
    free(out);
    free(samples);
}

static void push(void)
{
    hip_sample sample;
    uint32_t time_us = (uint32_t)number();
    read_sample(&sample);
    hip_push(&device, time_us, &sample);
}

static void next(void)
{
    size_t length = 0;
    const uint8_t *packet = hip_next(&device, &length);
    if (packet == NULL) {
        printf("-");
    }
    put_hex(packet, packet == NULL ? 0 : length);
}

static void scale(void)
{
    int32_t raw = (int32_t)strtol(strtok(NULL, " "), NULL, 10);
    int32_t numerator = (int32_t)strtol(strtok(NULL, " "), NULL, 10);
    int32_t denominator = (int32_t)strtol(strtok(NULL, " "), NULL, 10);
    printf("%d", hip_scale(raw, numerator, denominator));
}

static void renew(void)
{
    const char *board = strtok(NULL, " ");
    bool nano = board != NULL && strcmp(board, "nano") == 0;
    hip_init(&device, nano ? &NANO : &XIAO, start_sensor, NULL);
    faulty = false;
}

static void run(const char *command)
{
    if (strcmp(command, "new") == 0) {
        renew();
    } else if (strcmp(command, "link") == 0) {
        bool connected = number() != 0;
        bool subscribed = number() != 0;
        hip_link(&device, connected, subscribed, (uint16_t)number());
    } else if (strcmp(command, "fault") == 0) {
        faulty = number() != 0;
    } else if (strcmp(command, "control") == 0) {
        const char *text = strtok(NULL, " ");
        control(text == NULL ? "" : text);
    } else if (strcmp(command, "push") == 0) {
        push();
    } else if (strcmp(command, "next") == 0) {
        next();
    } else if (strcmp(command, "sent") == 0) {
        hip_sent(&device);
    } else if (strcmp(command, "describe") == 0) {
        uint8_t *out = malloc(HIP_DESCRIPTION_SIZE);
        hip_describe(&device, out);
        put_hex(out, HIP_DESCRIPTION_SIZE);
        free(out);
    } else if (strcmp(command, "encode") == 0) {
        encode();
    } else if (strcmp(command, "scale") == 0) {
        scale();
    } else {
        printf("? %s", command);
    }
}

int main(void)
{
    static char line[65536];
    hip_init(&device, &XIAO, start_sensor, NULL);
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\r\n")] = 0;
        const char *command = strtok(line, " ");
        if (command != NULL) {
            run(command);
        }
        printf("\n");
        fflush(stdout);
    }
    return 0;
}
