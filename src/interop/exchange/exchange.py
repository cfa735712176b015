"""Requests a token, and prints how long it lives, or why there is none."""
import json
import sys

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from tokenbroker.v1 import token_broker_pb2, token_broker_pb2_grpc


def explain(refused):
    print(refused.details(), file=sys.stderr)
    status = rpc_status.from_call(refused)  # None if the broker has not answered
    for detail in status.details if status else []:
        info, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
        if detail.Unpack(info):
            print(info.reason, info.metadata.get("verdict_id", "without a verdict"), file=sys.stderr)
        elif detail.Unpack(retry):
            print("retry after", retry.retry_delay.ToTimedelta(), file=sys.stderr)


def main(address, audience):
    with open("service-config.json") as file:
        service_config = json.load(file)
    with open("credential.jwt") as file:
        credential = file.read().strip()
    channel = grpc.secure_channel(
        f"dns:///{address}",
        grpc.ssl_channel_credentials(),
        options=[("grpc.service_config", json.dumps(service_config)), ("grpc.enable_retries", 1)],
    )
    try:
        request = token_broker_pb2.ExchangeTokenRequest(audience=audience, subject_token=credential)
        token = token_broker_pb2_grpc.TokenBrokerStub(channel).ExchangeToken(request, timeout=5)
        print("a token until", token.expire_time.ToJsonString())
    except grpc.RpcError as refused:
        explain(refused)
        sys.exit(1)


main(*sys.argv[1:])
