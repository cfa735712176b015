# Clients of the gRPC port, as they are written with grpcio: each name is a channel of its own. Answers each line of
# standard input with a line on standard output; a line is a JSON object whose member "do" names the command.
#
#   python3 broker.py TARGET
import json
import sys

import grpc
from google.protobuf.json_format import MessageToDict
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from health.v1 import health_pb2, health_pb2_grpc
from tokenbroker.v1 import token_broker_pb2, token_broker_pb2_grpc

target = sys.argv[1]
channels = {}


def open_channel(channel, serviceConfig):
    channels[channel] = grpc.secure_channel(
        target,
        grpc.ssl_channel_credentials(),
        options=[("grpc.service_config", json.dumps(serviceConfig)), ("grpc.enable_retries", 1)],
    )
    return {}


def exchange(channel, credential, timeout=None):
    broker = token_broker_pb2_grpc.TokenBrokerStub(channels[channel])
    request = token_broker_pb2.ExchangeTokenRequest(audience="payments-api", subject_token=credential)
    try:
        return {"code": "OK", "response": MessageToDict(broker.ExchangeToken(request, timeout=timeout))}
    except grpc.RpcError as refused:
        return refusal(refused)


def health(channel, service):
    stub = health_pb2_grpc.HealthStub(channels[channel])
    return MessageToDict(stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=20))


def refusal(error):
    status = rpc_status.from_call(error)
    info = error_details_pb2.ErrorInfo()
    for detail in status.details if status else []:
        detail.Unpack(info)  # leaves it as it is for a detail of another type
    return {
        "code": error.code().name,
        "message": error.details(),
        "info": MessageToDict(info),
        "pushback": dict(error.trailing_metadata()).get("grpc-retry-pushback-ms"),
    }


commands = {"open": open_channel, "exchange": exchange, "health": health}
for line in sys.stdin:
    arguments = json.loads(line)
    print(json.dumps(commands[arguments.pop("do")](**arguments)), flush=True)
