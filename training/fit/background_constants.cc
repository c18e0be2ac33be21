// Rows of constants, enumerations, registers and field lists in source code of many languages. Written for this purpose;
// no line of any project.
#include "training/fit/background_texts.h"

namespace logsieve {

const std::string_view kBackgroundConstants = R"text(
PAGE_WIDTH = 0x1000
MAX_PATH_DEPTH                 = 0x40
FRAME_TYPE_DATA    = 0x0
FRAME_TYPE_HEADERS             = 0x1
CIPHER_SUITE_NONE        = 0x00ff
SIGNAL_MASK_ALL = 0xffffffff
SOCK_OPT_KEEP_IDLE   = 0x4
NODE_ATTR_PARENT_INDEX          = 0x12
NODE_ATTR_FIRST_CHILD      = 0x13
MSG_TYPE_GET_DEVICE_STATS                  = 0x2d
MSG_TYPE_SET_FILTER_RULE       = 0x2e
LINK_STATE_DORMANT              = 0x5
TIMER_ABSTIME    = 0x1
CLOCK_SOURCE_INTERNAL         = 0x0
ERR_NOT_SUPPORTED         = 0x5f
ERR_WOULD_BLOCK    = -0xb
PROTO_RESERVED             = 0xfe
QUEUE_MAX                = 0x7
FILTER_ACTION_DROP               = 0x0
FILTER_ACTION_ACCEPT      = 0x1
TABLE_FLAG_PERSISTENT  = 0x10
TABLE_LOCAL                  = 0xff
KEY_USAGE_SIGN     = 0x80
MAP_TYPE_ARRAY_OF_MAPS          = 0xc
SECTOR_SHIFT                 = 0x9
TAG_IMAGE_WIDTH = 0x0100
TAG_ORIENTATION = 0x0112
CHANNEL_WIDTH_20         = 0x1
PERM_USER_EXEC                = 0x40
ATTR_UNSPEC    = 0x0
ATTR_COUNTER_PACKETS            = 0x2
ATTR_TIMEOUT_POLICY_DATA     = 0x3
CLASS_AUDIO              = 0x1
CTL_QUERY_VERSION    = 0x80045501
OPT_PASSIVE_MODE = 5
OPT_BUFFER_LIMIT = 98
RETRY_NEVER = 0
MODE_READ = 1
MODE_WRITE = 2
LEVEL_COARSE = -1
DEFAULT_PORT = 8080
MIN_VERSION = 3
#define REG_CTRL        0x0004
#define REG_STATUS_BUSY    (1 << 3)
#define BLOCK_SIZE 4096
#define VERSION_STRING "2.4"
#define ALIGN_UP(x, a) (((x) + (a) - 1) & ~((a) - 1))
#define EVENT_MOUSE_MOVE 0x0200
#define COLOR_TABLE_END -1
static const uint32_t kRoundConstants[8] = {
static const u8 fifo_depth = 16;
0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5,
0x00, 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40,
{0x0041, 0x005a, 32}, {0x00c0, 0x00d6, 32},
{ 0x8086, 0x1237, "host bridge" },
{ .reg = 0x1c, .mask = 0xf0, .shift = 4 },
{ TOKEN_IDENT, "identifier" },
{ "verbose", no_argument, NULL, 'v' },
{ "output", required_argument, 0, 'o' },
[STATE_CLOSED] = { on_open, NULL },
[0x1f] = "unit separator",
0x2e: "period",
case 0x0d: return "carriage return";
pub const PAGE_SIZE: usize = 4096;
pub const O_EXCLUSIVE: c_int = 0x80;
const MASK: u64 = (1 << 48) - 1;
pub static ESCAPES: [&str; 4] = ["\\n", "\\r", "\\t", "\\0"];
const val MAX_LINES = 500
const val ACTION_OPEN = "action.open"
static let defaultInset: CGFloat = 16
public const int BufferSize = 8192;
public const string DefaultCulture = "en-GB";
private static final int INITIAL_CAPACITY = 16;
public static final String EXTRA_NAME = "name";
export const MAX_ITEMS = 100;
export const ROUTES = { home: "/", about: "/about" };
const STATUS_DRAFT = 'draft';
const TYPE_FLOAT = 0x03;
self::LEVEL_HIGH => 'high',
use constant MAX_DEPTH => 12;
use constant { RED => 0, GREEN => 1, BLUE => 2 };
VERSION = '1.4.2'.freeze
DEFAULTS = { width: 80, wrap: true }.freeze
SEPARATOR = "::"
Id_attr = :identifier
READ_ONLY = 0o444
readonly CACHE_DIR=/var/tmp/pages
BITS=64
.equ STACK_TOP, 0x20002000
VIDEO_MEM equ 0xb8000
.set noreorder
kModeLinear = 2,
kFlagNone = 0, kFlagOwned = 1 << 0,
TOKEN_PLUS,
TYPE_U8 = 1, TYPE_U16, TYPE_U32,
Pending = 0,
Suspended,
Active(u32),
case idle, running, stopped
case notFound = 404
enum class Axis : uint8_t { kX, kY, kZ };
enum Direction { North, East = 90, South = 180 }
enum Level: String, CaseIterable {
pub enum Token<'a> {
type Kind uint8
kindInvalid Kind = iota
flagDirty  uint32 = 1 << 3
opAddImm   uint32 = 0x1300 // add immediate
opLoadPair uint16 = 0x29 // FORMAT_P    LOAD PAIR
ErrShort = errors.New("short buffer")
maskExp  = 0x7ff
modeText  = modeInfo{cols: 80, rows: 25}
regPairs = regSet{inputs: []mask{gp, 0}, outputs: []mask{fp}}
sysOpen = 5
sizeofHeader  = 0x28
{name: "MulAdd", args: 3, reg: fp31, typ: "Float", commute: true}, // a*b + c
{name: "LoadByte", aux: "Offset", argLength: 2, faultOnNil: true},
{sys: 17, name: "rename", nargs: 2},
1:  "operation not allowed",
2:  "no such entry",
35: "would block for ever",
11: {"stop", "stopped by terminal"},
0x1f: "delete",
Name:   "spaces around the value",
Input:  `a,"b c",d`,
Want:   []string{"a", "b c", "d"},
ID:       42,
Scale:    2.5,
Enabled:  true,
Parent:   nil,
Mode:     modeAppend | modeCreate,
Start:    pos{line: 3, col: 7},
Kind:     reflect.Map,
Deadline: now.Add(limit),
Handler:  http.NotFoundHandler(),
size    uintptr
flags   uint8 // see below
Width, Height int32
Pad_cgo_0 [4]byte
unsigned char reserved[6];
uint16_t e_machine;
__u32 ifindex;
volatile uint32_t *base;
DWORD dwFlags;
HANDLE hFile;
int (*compare)(const void *, const void *);
struct list_head entry;
union { float f; uint32_t u; } bits;
pub len: usize,
next: Option<Box<Node>>,
readonly title: string;
children?: Node[];
let count: Int
public string Name { get; set; }
private readonly object gate = new();
lateinit var adapter: ListAdapter
attr_reader :width, :height
protected $table = 'books';
public ?string $nick = null;
)text";

}  // namespace logsieve
