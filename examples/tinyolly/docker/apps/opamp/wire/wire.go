// Package wire reads and writes the few fields of OpAMP's messages that the stand-ins exchange, in the encoding of
// Protocol Buffers (https://protobuf.dev/programming-guides/encoding/).
package wire

import (
	"encoding/binary"
	"errors"
)

// Fields of opamp.proto.
const (
	AgentInstance      = 1 // AgentToServer.instance_uid
	AgentDisconnect    = 9 // AgentToServer.agent_disconnect
	ServerInstance     = 1 // ServerToAgent.instance_uid
	ServerConfig       = 3 // ServerToAgent.remote_config
	ServerAbilities    = 7 // ServerToAgent.capabilities
	RemoteConfigMap    = 1 // AgentRemoteConfig.config
	RemoteConfigHash   = 2 // AgentRemoteConfig.config_hash
	ConfigMapEntry     = 1 // AgentConfigMap.config_map
	EntryKey           = 1 // key of a map's entry
	EntryValue         = 2 // value of a map's entry
	ConfigFileBody     = 1 // AgentConfigFile.body
	AcceptsStatus      = 1 // ServerCapabilities
	OffersRemoteConfig = 2 // ServerCapabilities
)

const (
	varint  = 0
	fixed64 = 1
	bytes   = 2
	fixed32 = 5
)

var errMessage = errors.New("no message of Protocol Buffers")

// Bytes appends a field that is a text, bytes or a message.
func Bytes(message []byte, field int, value []byte) []byte {
	message = binary.AppendUvarint(message, uint64(field)<<3|bytes)
	message = binary.AppendUvarint(message, uint64(len(value)))
	return append(message, value...)
}

// Number appends a field that is a number.
func Number(message []byte, field int, value uint64) []byte {
	message = binary.AppendUvarint(message, uint64(field)<<3|varint)
	return binary.AppendUvarint(message, value)
}

// Fields returns the last value of each field that is a text, bytes or a message; of others, that they are there.
func Fields(message []byte) (map[int][]byte, error) {
	fields := map[int][]byte{}
	for len(message) > 0 {
		tag, read := binary.Uvarint(message)
		if read <= 0 {
			return nil, errMessage
		}
		message = message[read:]
		size := 0
		switch tag & 7 {
		case varint:
			_, size = binary.Uvarint(message)
			if size <= 0 {
				return nil, errMessage
			}
		case fixed64:
			size = 8
		case fixed32:
			size = 4
		case bytes:
			length, read := binary.Uvarint(message)
			if read <= 0 || length > uint64(len(message)-read) {
				return nil, errMessage
			}
			message, size = message[read:], int(length)
		default:
			return nil, errMessage
		}
		if size > len(message) {
			return nil, errMessage
		}
		fields[int(tag>>3)] = message[:size]
		message = message[size:]
	}
	return fields, nil
}
