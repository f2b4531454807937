/*
 * A sensor for hipimu: Nano 33 BLE (both editions) or XIAO nRF52840 Sense, the open profile.
 *
 * Written from data sheets and the libraries' sources; not yet run on a board: see README.md.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <ArduinoBLE.h>
#include <mbed.h>
#include <rtos.h>

#include "config.h"
#include "imu.h"
#include "open_profile.h"

/* Connection interval in units of 1.25 ms: 7.5 to 15 ms. Supervision timeout in units of 10 ms. */
static const uint16_t SHORTEST = 6, LONGEST = 12, SUPERVISION = 300;
static const unsigned long DESCRIBED_EVERY_MS = 500;

static BLEService motion(HIP_UUID_SERVICE);
static BLECharacteristic data(HIP_UUID_DATA, BLENotify, HIP_MOST_PACKET);
static BLECharacteristic control(HIP_UUID_CONTROL, BLEWrite | BLENotify, HIP_MOST_CONTROL);
static BLECharacteristic description(HIP_UUID_DESCRIPTION, BLERead, HIP_DESCRIPTION_SIZE, true);

static BLEService information("180A");
static BLECharacteristic manufacturer("2A29", BLERead, "hipimu open profile");
static BLECharacteristic model("2A24", BLERead, HIPIMU_MODEL);
static BLECharacteristic serial_number("2A25", BLERead, 12);
static BLECharacteristic firmware("2A26", BLERead, HIPIMU_FIRMWARE);

static hip_device device;
/* Guards `device`: the sampler fills it while the main loop sends. */
static rtos::Mutex guard;
/* Sampling has a thread of its own, because ArduinoBLE waits while the radio's buffers are full. */
static rtos::Thread sampler(osPriorityHigh, 2048);

static bool start_sensor(void *, const hip_config *config)
{
    return imu_start(*config);
}

static void sample_for_ever()
{
    for (;;) {
        rtos::ThisThread::sleep_for(std::chrono::milliseconds(1));
        guard.lock();
        hip_sample sample;
        if (device.streaming && imu_read(device.config, sample)) {
            hip_push(&device, micros(), &sample);
        }
        guard.unlock();
    }
}

static void describe()
{
    uint8_t value[HIP_DESCRIPTION_SIZE];
    guard.lock();
    hip_describe(&device, value);
    guard.unlock();
    description.writeValue(value, sizeof value);
}

static void carry_out_commands()
{
    uint8_t written[HIP_MOST_CONTROL];
    size_t length = min((size_t)control.valueLength(), sizeof written);
    memcpy(written, control.value(), length);
    hip_commands commands = {written, length};
    uint8_t ack[HIP_MOST_ACK];
    for (;;) {
        guard.lock();
        size_t size = hip_control(&device, &commands, ack);
        guard.unlock();
        if (size == 0) {
            break;
        }
        control.writeValue(ack, size);
    }
    describe();
}

static void send_what_waits()
{
    uint8_t packet[HIP_MOST_PACKET];
    for (;;) {
        size_t length = 0;
        guard.lock();
        const uint8_t *next = hip_next(&device, &length);
        if (next != nullptr) {
            memcpy(packet, next, length);
            hip_sent(&device);
        }
        guard.unlock();
        if (next == nullptr) {
            return;
        }
        data.writeValue(packet, length);
    }
}

static void follow_link(bool connected)
{
    guard.lock();
    /* ArduinoBLE does not tell the MTU: 0, and the host is taken at its word. */
    hip_link(&device, connected, data.subscribed(), 0);
    guard.unlock();
}

static void blink_for_ever()
{
    pinMode(LED_BUILTIN, OUTPUT);
    for (bool on = false;; on = !on) {
        digitalWrite(LED_BUILTIN, on);
        delay(100);
    }
}

static void name_it()
{
    String address = BLE.address();
    address.replace(":", "");
    address.toUpperCase();
    serial_number.writeValue((const uint8_t *)address.c_str(), address.length());
    String name = "hipimu " + address.substring(address.length() - 4);
    BLE.setLocalName(name.c_str());
    BLE.setDeviceName(name.c_str());
}

static void offer_services()
{
    motion.addCharacteristic(data);
    motion.addCharacteristic(control);
    motion.addCharacteristic(description);
    information.addCharacteristic(manufacturer);
    information.addCharacteristic(model);
    information.addCharacteristic(serial_number);
    information.addCharacteristic(firmware);
    BLE.addService(motion);
    BLE.addService(information);
    BLE.setAdvertisedService(motion);
    BLE.setConnectionInterval(SHORTEST, LONGEST);
    BLE.setSupervisionTimeout(SUPERVISION);
}

void setup()
{
    if (!imu_begin() || !BLE.begin()) {
        blink_for_ever();
    }
    hip_init(&device, &imu_board, start_sensor, nullptr);
    name_it();
    offer_services();
    describe();
    sampler.start(mbed::callback(sample_for_ever));
    BLE.advertise();
}

void loop()
{
    static unsigned long described_ms = 0;
    BLEDevice central = BLE.central();
    follow_link(central && central.connected());
    if (control.written()) {
        carry_out_commands();
    }
    send_what_waits();
    if (millis() - described_ms >= DESCRIBED_EVERY_MS) {
        described_ms = millis();
        describe();
    }
}
