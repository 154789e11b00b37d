#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <string.h>

/* The resolver state is a macro in resolv.h, which Swift cannot import. */
static inline int mesh_txt_query(const char *name, unsigned char *answer, int capacity) {
    struct __res_state state;
    memset(&state, 0, sizeof(state));
    if (res_ninit(&state) != 0) return -1;
    state.retrans = 2;
    state.retry = 2;
    int count = res_nquery(&state, name, ns_c_in, ns_t_txt, answer, capacity);
    res_nclose(&state);
    return count;
}
#include <net/if.h>
#include <sys/socket.h>
