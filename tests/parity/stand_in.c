/* A back-end that answers every request with nothing: enough for the server to make its own checks. */
#include <stddef.h>
#include <stdint.h>

void* TRITONBACKEND_ResponseNew(void** response, void* request);
void* TRITONBACKEND_ResponseSend(void* response, uint32_t flags, void* error);
void* TRITONBACKEND_RequestRelease(void* request, uint32_t flags);

void* TRITONBACKEND_ModelInstanceExecute(void* instance, void** requests, uint32_t count) {
    (void)instance;
    for (uint32_t at = 0; at < count; at++) {
        void* response;
        TRITONBACKEND_ResponseNew(&response, requests[at]);
        TRITONBACKEND_ResponseSend(response, 1, NULL);
        TRITONBACKEND_RequestRelease(requests[at], 1);
    }
    return NULL;
}
